package engine

import (
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// breaker pauses an organ in this process after a number of failures in a row, and lets one
// trial through when the pause is over. Without a limit it does nothing.
//
// Its states, by the fields until and trial:
//
//	closed      until is zero                          every delivery is fetched
//	open        until lies ahead                       nothing is fetched
//	half open   until has come, trial is not set       the next Fetch asks for one delivery
//	on trial    trial is set                           nothing is fetched until the trial has ended
//
// A failure that is not the event's own counts. Enough of them in a row open a closed breaker, and one opens a breaker on
// trial again. A success closes it. A trial whose delivery did not run is taken back, because the breaker would wait for its
// end for ever.
//
// Workers note outcomes, and whoever fetches asks for admission, so mu guards all fields below it. limit, pause and tell
// are written before the organ runs.
type breaker struct {
	limit int
	pause time.Duration
	tell  func(breakerChange) // called when the breaker opens and when it closes, unless it is nil

	// changed has an element when operators have not been told of the state yet. See tellBreaker.
	changed chan struct{}

	mu       sync.Mutex
	failures int
	opened   time.Time // when it opened; zero while the breaker is closed
	until    time.Time // end of the pause; zero while the breaker is closed
	trial    bool      // the one delivery after a pause runs
}

// breakerChange says that a breaker opened, or that it closed.
type breakerChange struct {
	open     bool
	failures int           // in a row, when it opens
	err      error         // the last of them
	after    time.Duration // how long it was open, when it closes
}

// noteOutcome counts how a delivery ended, and reports whether the organ is to pause now. It is
// not called without a limit. A
// permanent failure is the event's own and says nothing of what the organ depends on.
func (b *breaker) noteOutcome(kind contract.OutcomeKind, f *failure) (tripped bool) {
	tripped, change := b.countOutcome(kind, f)
	if change != nil && b.tell != nil {
		b.tell(*change)
	}
	if tripped || change != nil {
		b.signalChange()
	}
	return tripped
}

// countOutcome is noteOutcome without telling of it: it returns the change that there is to tell. It returns the
// change in place of telling it, because tell writes a log line, which must not happen with mu held.
func (b *breaker) countOutcome(kind contract.OutcomeKind, f *failure) (tripped bool, change *breakerChange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if kind == contract.OutcomeDecline || f != nil && f.reason != contract.ReasonExhausted {
		b.trial = false
		return false, nil
	}
	if f == nil {
		if !b.until.IsZero() {
			change = &breakerChange{after: time.Since(b.opened)}
		}
		b.failures, b.until, b.trial = 0, time.Time{}, false
		return false, change
	}
	b.failures++
	if b.failures < b.limit && !b.trial {
		return false, nil
	}
	if b.until.IsZero() {
		b.opened = time.Now()
		change = &breakerChange{open: true, failures: b.failures, err: f.err}
	}
	b.until, b.trial = time.Now().Add(b.pause), false
	return true, change
}

// admitFetch returns how many deliveries may be fetched now, at most limit; with 0 it returns how long to wait before
// asking again. The answer 1 after a pause begins the trial: the caller fetches one delivery, or takes the trial
// back.
func (b *breaker) admitFetch(limit int) (n int, wait time.Duration) {
	if b.limit == 0 {
		return limit, 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch left := time.Until(b.until); {
	case b.until.IsZero():
		return limit, 0
	case left > 0:
		return 0, left
	case b.trial:
		return 0, watchTick
	}
	b.trial = true
	return 1, 0
}

// takeTrialBack takes a trial back whose delivery did not run.
func (b *breaker) takeTrialBack() {
	if b.limit == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trial = false
}

// isOpen reports whether the organ is paused.
func (b *breaker) isOpen() bool {
	if b.limit == 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.until.IsZero()
}

// signalChange has the state told to operators, by the goroutine that renews leases: a worker must not wait
// for the backend.
func (b *breaker) signalChange() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// stateNow is the breaker as operators see it.
func (b *breaker) stateNow() contract.BreakerState {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() {
		return contract.BreakerState{}
	}
	return contract.BreakerState{Since: b.opened, Failures: b.failures, Next: b.until}
}
