package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

var errUnavailable = errors.New("the clearing house is not available")

// SimulatedHouse stands in for a clearing house. Its answer to a trade depends on the seed, the trade and the
// number of the call alone, so a run can be repeated.
type SimulatedHouse struct {
	Seed     uint64
	Latency  time.Duration // the longest answer
	Failures float64       // share of the calls that fail, from 0 to 1

	mu    sync.Mutex
	calls map[uint64]uint64 // failed calls of the trades that are not taken over
}

// Of the calls that fail, some never answer, and some are refused for good.
const (
	hangs   = 0.1
	refuses = 0.05
)

// Clear takes a trade over, or fails.
func (h *SimulatedHouse) Clear(ctx context.Context, _ necro.ID, t *Trade) error {
	if h.Latency == 0 && h.Failures == 0 {
		return nil
	}
	dice := rand.New(rand.NewPCG(h.Seed^t.TradeID, h.countCall(t.TradeID)))
	wait := time.Duration(dice.Float64() * float64(h.Latency))
	if dice.Float64() >= h.Failures {
		h.forgetCalls(t.TradeID)
		return pauseFor(ctx, wait)
	}
	switch how := dice.Float64(); {
	case how < hangs:
		<-ctx.Done()
		return ctx.Err()
	case how < hangs+refuses:
		return ErrRefused // redriving the trade makes another call
	}
	return errors.Join(pauseFor(ctx, wait), errUnavailable)
}

// countCall returns the number of this call for a trade.
func (h *SimulatedHouse) countCall(trade uint64) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.calls == nil {
		h.calls = map[uint64]uint64{}
	}
	h.calls[trade]++
	return h.calls[trade]
}

func (h *SimulatedHouse) forgetCalls(trade uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.calls, trade)
}

// pauseFor waits, or until ctx is done.
func pauseFor(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
