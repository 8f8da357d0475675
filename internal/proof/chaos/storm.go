package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// storm lets faults strike at random. Its seed decides which of them strike in what order, how long after each
// other, whom and for how long: it replays the choices, and not their effects.
type storm struct {
	rig   *rig
	trial *trial
	deck  []*fault
	rng   *rand.Rand

	mu      sync.Mutex
	tallies map[string]tally
	err     error
}

// tally counts the strikes of a fault, and those that bit.
type tally struct{ struck, bit int }

func newStorm(r *rig, t *trial, seed uint64) *storm {
	s := &storm{rig: r, trial: t, rng: rand.New(rand.NewPCG(seed, 0)), tallies: map[string]tally{}}
	for i := range t.faults {
		for range t.faults[i].cards {
			s.deck = append(s.deck, &t.faults[i])
		}
	}
	return s
}

// rageFor lets faults strike for d, and returns when all are mended.
func (s *storm) rageFor(ctx context.Context, d time.Duration) error {
	var strikes sync.WaitGroup
	end := time.Now().Add(d)
	for n := 0; ; n++ {
		gap := s.trial.least + time.Duration(s.rng.Int64N(int64(s.trial.most-s.trial.least)))
		if time.Now().Add(gap).After(end) || pauseFor(ctx, gap) != nil {
			break
		}
		f := s.dealFault(n)
		c := choice{s.rng.IntN(1 << 20), s.rng.Float64()}
		strikes.Go(func() { s.strikeFault(ctx, f, c) })
	}
	strikes.Wait()
	if s.err == nil {
		s.err = ctx.Err()
	}
	return s.err
}

// dealFault returns the next fault of a shuffled deck: in one deck, each strikes.
func (s *storm) dealFault(n int) *fault {
	i := n % len(s.deck)
	if i == 0 {
		s.rng.Shuffle(len(s.deck), func(i, j int) { s.deck[i], s.deck[j] = s.deck[j], s.deck[i] })
	}
	return s.deck[i]
}

// strikeFault lets a fault happen, beside those that last.
func (s *storm) strikeFault(ctx context.Context, f *fault, c choice) {
	bit, err := f.strike(ctx, s.rig, c)
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tallies[f.name]
	t.struck++
	if bit {
		t.bit++
	}
	s.tallies[f.name] = t
	if err != nil && s.err == nil && ctx.Err() == nil {
		s.err = fmt.Errorf("%s: %w", f.name, err)
	}
}
