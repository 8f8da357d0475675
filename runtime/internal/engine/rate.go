package engine

import (
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// quota is what this process has of the tokens of an organ with a rate, from which each attempt takes one. A block of tokens
// is as large as what the worker has at hand, so that no other process waits for tokens that this one does not use. mu
// guards all fields.
type quota struct {
	mu    sync.Mutex
	left  int
	until int64 // when those that are left expire
	next  int64 // when the backend has the next one, as it said last; 0 when it gave some
}

// rate is the organ's; without one its Count is 0.
func (o *Organ) rate() contract.Rate {
	return contract.Rate{Count: o.Policy.RateCount, Per: o.Policy.RatePer}
}

// spendToken takes the token of an attempt. It reports false when there is none, so that the delivery goes back:
// another process may have one before. The mutex of the quota is free while the backend is asked. Two workers that
// ask at once may each get a block: the second replaces the first in the quota, and tokens of that block are lost,
// which slows the organ a little and never exceeds its rate.
func (o *Organ) spendToken(r *Run, wanted int) bool {
	rate := o.rate()
	if rate.Count == 0 || o.quota.takeLeft() {
		return true
	}
	taken, wait, err := o.engine.Rates.TakeTokens(r.Fetching, o.binding.Load().Identity, rate, min(wanted, rate.Block()))
	if err != nil {
		r.NoteFailedCall(r.Fetching, "take tokens", o.Name, err)
		return false
	}
	r.engine.Calls.NoteSuccess("take tokens", o.Name)
	return o.quota.addTokens(taken, wait, rate)
}

// takeLeft takes a token that is left, and reports whether there was one. Tokens expire after the burst of the rate,
// because the backend counts on each token being used within that time.
func (q *quota) takeLeft() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.left == 0 || monotonicNanos() >= q.until {
		return false
	}
	q.left--
	return true
}

// addTokens takes in what the backend has answered, and takes one of the tokens for the caller.
func (q *quota) addTokens(taken int, wait time.Duration, rate contract.Rate) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := monotonicNanos()
	if taken == 0 {
		q.next = now + int64(wait)
		return false
	}
	q.left, q.until, q.next = taken-1, now+int64(rate.Burst()), 0
	return true
}

// awaitToken waits while the backend has no token, so that nothing is fetched that cannot begin.
func (o *Organ) awaitToken(r *Run) {
	if o.rate().Count == 0 {
		return
	}
	if wait := o.quota.untilNext(); wait > 0 {
		r.sleepUnlessStopped(wait)
	}
}

// untilNext returns how long the backend has no token, as far as this process knows.
func (q *quota) untilNext() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.next == 0 {
		return 0
	}
	return time.Duration(q.next - monotonicNanos())
}
