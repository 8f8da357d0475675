package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// work is common to all handlers: they take a while, they fail at random, and they write down their work before
// they return, which is before anything is settled.
type work struct {
	records *records
	lease   time.Duration

	mu  sync.Mutex
	rng *rand.Rand
}

func newWork(r *records, lease time.Duration, seed uint64) *work {
	return &work{records: r, lease: lease, rng: rand.New(rand.NewPCG(seed, 1))}
}

// handleStep is one call of a handler. It returns the number that names the call.
func (w *work) handleStep(ctx context.Context, e interface{ step() *Step }, emits int) (uint64, error) {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return 0, errors.New("no envelope")
	}
	run, s := rand.Uint64(), e.step()
	l := line{
		Did: handled, Organ: meta.Organ, Path: s.Path, ID: meta.ID, Cause: meta.Causation,
		By: s.By, Run: run, Emits: emits,
	}
	err := w.makeTrouble(ctx)
	if err != nil {
		l.Did, l.Emits = failed, 0
	}
	w.records.writeLines(l)
	return run, err
}

var errNotYet = errors.New("not yet")

// makeTrouble takes its time: mostly a little, sometimes more than a lease. It fails, panics, or
// is deaf to its context until it was abandoned.
func (w *work) makeTrouble(ctx context.Context) error {
	switch n := w.chance(1000); {
	case n < 40:
		return errNotYet
	case n < 50:
		panic(errNotYet)
	case n < 54:
		return pauseFor(ctx, w.lease*3/2)
	case n < 55:
		time.Sleep(w.lease * 4)
		return nil
	default:
		return pauseFor(ctx, time.Duration(w.chance(20_000))*time.Microsecond)
	}
}

// chance returns a number below n.
func (w *work) chance(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rng.IntN(n)
}

// pauseFor waits, unless ctx ends first.
func pauseFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
