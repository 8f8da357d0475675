package necro

import (
	"sync"
	"time"
)

// breaker pauses an organ in this process after a number of failures in a row, and lets one
// trial through when the pause is over. Without a limit it does nothing.
type breaker struct {
	limit int
	pause time.Duration

	mu       sync.Mutex
	failures int
	until    time.Time // end of the pause; zero while the breaker is closed
	trial    bool      // the one delivery after a pause runs
}

// note counts how a delivery ended, and reports whether the organ is to pause now. It is
// not called without a limit. A
// permanent failure is the event's own and says nothing of what the organ depends on.
func (b *breaker) note(kind OutcomeKind, f *failure) (tripped bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if kind == OutcomeDecline || f != nil && f.reason != ReasonExhausted {
		b.trial = false
		return false
	}
	if f == nil {
		b.failures, b.until, b.trial = 0, time.Time{}, false
		return false
	}
	b.failures++
	if b.failures < b.limit && !b.trial {
		return false
	}
	b.until, b.trial = time.Now().Add(b.pause), false
	return true
}

// admit returns how many deliveries may be fetched now, at most limit; with 0 it returns how
// long to wait before asking again.
func (b *breaker) admit(limit int) (n int, wait time.Duration) {
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

// untried takes a trial back whose delivery did not run.
func (b *breaker) untried() {
	if b.limit == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trial = false
}

// open reports whether the organ is paused.
func (b *breaker) open() bool {
	if b.limit == 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.until.IsZero()
}
