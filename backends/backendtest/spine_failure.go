package backendtest

import (
	"context"
	"errors"
	"strings"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var failureTests = []test{
	{"RetriesAreExhausted", retriesAreExhausted},
	{"RetryOnceIsNone", retryOnceIsNone},
	{"BackoffIsBounded", backoffIsBounded},
	{"PermanentErrorIsNotRetried", permanentError},
	{"RetryAfterSetsTheDelay", retryAfter},
	{"RetryWaitsInTheBackend", retryWaitsInTheBackend},
	{"TimeoutIsAFailure", timeoutIsAFailure},
	{"SuccessAfterTheDeadlineIsASuccess", successAfterTheDeadline},
	{"BreakerPausesAndTries", breakerPausesAndTries},
	{"BreakerTriesForSeveralWorkers", breakerTriesForWorkers},
}

func retriesAreExhausted(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Retry = 3
	var attempts journal[int]
	s := e.spine(b, organs(newOrgan("all", policy, on(func(ctx context.Context, _ *eventA, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		attempts.add(m.Attempt)
		return errors.New("the gateway is down")
	}))))
	e.sendA(s, 1, 1)
	stats := e.drain(s)
	wants(e, "attempts", &attempts, 1, 2, 3)
	same(e, "counted as retried", stats.Retried, 2)
	same(e, "counted as dead", stats.Dead, 1)
	l := e.theLetter(b, "all")
	same(e, "reason", l.Reason, contract.ReasonExhausted)
	same(e, "attempts before the last", l.Attempts, 2)
	if !strings.Contains(l.Error, "the gateway is down") {
		e.Errorf("error text: got %q", l.Error)
	}
}

func retryOnceIsNone(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Retry = 1
	var calls journal[int64]
	s := e.spine(b, organs(newOrgan("all", policy, on(func(_ context.Context, ev *eventA, _ emit) error {
		calls.add(ev.N)
		return errors.New("no")
	}))))
	e.sendA(s, 1, 3)
	e.drain(s)
	wants(e, "calls", &calls, 1, 2, 3)
	same(e, "dead", e.health(b, "all").Dead, 3)
}

// startTimes runs an organ that fails until n calls were made, and returns when they began.
func startTimes(e *env, policy contract.Policy, n int, failure error) []time.Time {
	e.Helper()
	var at journal[time.Time]
	policy.Retry = n + 1
	s := e.spine(e.open(), organs(newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		at.add(time.Now())
		if at.len() < n {
			return failure
		}
		return nil
	}))))
	e.sendA(s, 1, 1)
	e.drain(s)
	same(e, "calls", at.len(), n)
	return at.all()
}

// backoffIsBounded from below in real time, and from above too where time is virtual.
func backoffIsBounded(e *env) {
	policy := e.policy()
	policy.BackoffMin, policy.BackoffMax = e.units(2), e.units(4)
	at := startTimes(e, policy, 8, errors.New("not yet"))
	for i := range at[1:] {
		gap := at[i+1].Sub(at[i])
		if gap < policy.BackoffMin-clockGrain || e.h.Virtual && gap > policy.BackoffMax+e.h.Unit {
			e.Errorf("retry %d came after %v, want %v to %v", i+1, gap, policy.BackoffMin, policy.BackoffMax)
		}
	}
}

func permanentError(e *env) {
	b := e.open()
	var calls journal[int64]
	cause := errors.New("no such customer")
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(_ context.Context, ev *eventA, _ emit) error {
		calls.add(ev.N)
		return errors.Join(errors.New("charge"), contract.Permanent(cause))
	}))))
	e.sendA(s, 1, 1)
	e.drain(s)
	wants(e, "calls", &calls, 1)
	l := e.theLetter(b, "all")
	same(e, "reason", l.Reason, contract.ReasonPermanent)
	if !strings.Contains(l.Error, cause.Error()) {
		e.Errorf("error text: got %q", l.Error)
	}
}

// retryAfter overrides a backoff that is far longer.
func retryAfter(e *env) {
	policy := e.policy()
	policy.BackoffMin, policy.BackoffMax = e.units(50_000), e.units(60_000)
	at := startTimes(e, policy, 3, necro.RetryAfter(errors.New("busy"), e.units(3)))
	for i := range at[1:] {
		gap := at[i+1].Sub(at[i])
		if gap < e.units(3)-clockGrain || gap > e.units(1000) {
			e.Errorf("retry %d came after %v, want %v", i+1, gap, e.units(3))
		}
	}
}

// retryWaitsInTheBackend: the worker is free meanwhile, and another process goes on.
func retryWaitsInTheBackend(e *env) {
	b := e.open()
	policy := e.policy()
	policy.BackoffMin, policy.BackoffMax = e.units(5), e.units(5)
	var got journal[int64]
	var attempts journal[int]
	organ := newOrgan("all", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		if ev.N == 1 {
			attempts.add(m.Attempt)
			if m.Attempt == 1 {
				return errors.New("not yet")
			}
		}
		got.add(ev.N)
		return nil
	}))
	s := e.spine(b, organs(organ))
	p := e.run(s)
	since := time.Now()
	e.sendA(s, 1, 3)
	e.until("the others passed", func() bool { return got.len() >= 2 })
	if took := time.Since(since); e.h.Virtual && took >= policy.BackoffMin {
		e.Errorf("the others waited %v behind a retry", took)
	}
	p.stop()
	wants(e, "handled meanwhile", &got, 2, 3)
	e.drain(e.spine(e.attachProcess(b), organs(organ)))
	wants(e, "handled in the end", &got, 2, 3, 1)
	wants(e, "attempts", &attempts, 1, 2)
}

func timeoutIsAFailure(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Timeout, policy.Retry = e.units(2), 2
	var calls journal[error]
	s := e.spine(b, organs(newOrgan("all", policy, on(func(ctx context.Context, _ *eventA, _ emit) error {
		if at, ok := ctx.Deadline(); !ok || time.Until(at) > e.units(2) {
			e.Errorf("deadline: %v, %v", at, ok)
		}
		<-ctx.Done()
		calls.add(ctx.Err())
		return ctx.Err()
	}))))
	e.sendA(s, 1, 1)
	e.drain(s)
	wants(e, "what ended the calls", &calls, context.DeadlineExceeded, context.DeadlineExceeded)
	same(e, "reason", e.theLetter(b, "all").Reason, contract.ReasonExhausted)
}

// successAfterTheDeadline counts, for the delivery is still ours.
func successAfterTheDeadline(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Timeout = e.units(2)
	var got journal[int64]
	s := e.spine(b, organs(
		newOrgan("in", policy, on(func(ctx context.Context, ev *eventA, out emit) error {
			<-ctx.Done()
			out(&eventB{N: ev.N})
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), sink[kindB](&got)),
	))
	e.sendA(s, 1, 1)
	stats := e.drain(s)
	wants(e, "emitted", &got, 1)
	same(e, "retried", stats.Retried, 0)
}

// breakerPausesAndTries: three failures in a row, a pause, one trial, a pause; when the trial
// succeeds, all goes on.
func breakerPausesAndTries(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Retry, policy.BackoffMin, policy.BackoffMax = 1000, e.h.Unit/20, e.h.Unit/10
	policy.BreakerCount, policy.BreakerPause = 3, e.units(10)
	var at journal[time.Time]
	s := e.spine(b, organs(newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		at.add(time.Now())
		if at.len() <= 5 {
			return errors.New("the gateway is down")
		}
		return nil
	}))))
	e.sendA(s, 1, 10)
	stats := e.drain(s)
	same(e, "handled", stats.Handled, 10)
	same(e, "failed", stats.Retried, 5)
	ts := at.all()
	for i := range ts[1:] {
		gap, paused := ts[i+1].Sub(ts[i]), i >= 2 && i <= 4
		if paused && gap < policy.BreakerPause-clockGrain {
			e.Errorf("call %d came after %v, want a pause of %v", i+2, gap, policy.BreakerPause)
		}
		if !paused && e.h.Virtual && gap >= policy.BreakerPause {
			e.Errorf("call %d came after %v, want no pause", i+2, gap)
		}
	}
}

// breakerTriesForWorkers: where several workers share the fetched deliveries, the breaker does not wait for a trial that
// is handed back unrun. Everything fails, and comes to its end.
func breakerTriesForWorkers(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Retry, policy.BackoffMin, policy.BackoffMax = 3, e.h.Unit/20, e.h.Unit/10
	policy.Concurrency, policy.BreakerCount, policy.BreakerPause = 4, 3, e.h.Unit
	s := e.spine(b, organs(newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		return errors.New("the gateway is down")
	}))))
	e.sendA(s, 1, 10)
	stats := e.drain(s)
	same(e, "counted as retried", stats.Retried, 20)
	same(e, "counted as dead", stats.Dead, 10)
}
