package backendtest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var boundTests = []test{
	{"MaxHopsEndsAChain", maxHopsEndsAChain},
	{"MaxStepsEndRun", maxStepsEndRun},
	{"MaxStepsEndDrain", maxStepsEndDrain},
	{"CycleAtCapacityOneRuns", cycleAtCapacityOne},
	{"PublishBeforeRunOverTheLimitIsAnError", publishBeforeRun},
	{"PublishWaitsForRoomWhileRunning", publishWaitsForRoom},
	{"PublishFromAHandlerNeverWaits", publishFromAHandler},
	{"PrefetchIsBounded", prefetchIsBounded},
	{"PrefetchHoldsWithFastHandlers", prefetchHolds},
	{"AmplifyingOrganWaitsForRoom", amplifyingOrganWaits},
	{"AmplifyingCircleIsPaused", amplifyingCircle},
}

// maxHopsEndsAChain: the event at the highest number of hops is still handled.
func maxHopsEndsAChain(e *env) {
	b := e.open()
	var calls journal[int64]
	policy := e.policy()
	policy.MaxHops = 5
	s := e.spine(b, organs(newOrgan("loop", policy, on(func(_ context.Context, ev *eventA, out emit) error {
		calls.add(ev.N)
		if ev.N < 100 { // for a spine that never ends it
			out(&eventA{N: ev.N + 1})
		}
		return nil
	}, typeA))))
	e.sendA(s, 0, 0)
	e.drain(s)
	wants(e, "calls", &calls, 0, 1, 2, 3, 4, 5)
	l := e.theLetter(b, "loop")
	same(e, "reason", l.Reason, contract.ReasonMaxHops)
	same(e, "hops", l.Message.Hops, 6)
	same(e, "number", numberOf(&l.Message), 6)
}

// steppedSpine returns a spine that handles 3 deliveries of 10.
func steppedSpine(e *env, b contract.Backend, got *journal[int64]) *necro.Spine {
	e.Helper()
	policy := e.policy()
	policy.Concurrency = 4
	s := e.spine(b, organs(newOrgan("all", policy, sink[kindA](got))), necro.WithMaxSteps(3))
	e.sendA(s, 1, 10)
	return s
}

func maxStepsEndRun(e *env) {
	b := e.open()
	var got journal[int64]
	p := e.run(steppedSpine(e, b, &got))
	if err := p.wait(); !errors.Is(err, necro.ErrMaxSteps) {
		e.Errorf("run: error %v, want %v", err, necro.ErrMaxSteps)
	}
	same(e, "handled", got.len(), 3)
	h := e.health(b, "all")
	same(e, "leased", h.Leased, 0)
	same(e, "ready", h.Ready, 7)
}

func maxStepsEndDrain(e *env) {
	b := e.open()
	var got journal[int64]
	if _, err := steppedSpine(e, b, &got).Drain(e.ctx); !errors.Is(err, necro.ErrMaxSteps) {
		e.Errorf("drain: error %v, want %v", err, necro.ErrMaxSteps)
	}
	same(e, "handled", got.len(), 3)
	same(e, "ready", e.health(b, "all").Ready, 7)
}

// cycleAtCapacityOne: two organs that feed each other, two for one, on a backend with room
// for one delivery.
func cycleAtCapacityOne(e *env) {
	b := e.openLimit(1)
	var got journal[int64]
	s := e.spine(b, organs(
		newOrgan("ping", e.policy(), on(func(_ context.Context, ev *eventA, out emit) error {
			out(&eventB{N: ev.N})
			return nil
		}, typeB)),
		newOrgan("pong", e.policy(), on(func(_ context.Context, ev *eventB, out emit) error {
			got.add(ev.N)
			if ev.N < 6 {
				out(&eventA{N: ev.N + 1}, &eventA{N: ev.N + 1})
			}
			return nil
		}, typeA)),
	))
	e.sendA(s, 0, 0)
	e.drain(s)
	same(e, "handled", got.len(), 1<<7-1)
}

// publishBeforeRun fails at once at the limit; the stored events are handled later.
func publishBeforeRun(e *env) {
	b := e.openLimit(5)
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	for n := range int64(5) {
		e.send(s, &eventA{N: n})
	}
	since := time.Now()
	if err := s.Publish(e.ctx, &eventA{N: 5}); !errors.Is(err, contract.ErrFull) {
		e.Errorf("publish: error %v, want %v", err, contract.ErrFull)
	}
	e.wantQuick("publish", since, e.units(5))
	e.drain(s)
	wants(e, "handled", &got, 0, 1, 2, 3, 4)
}

// publishWaitsForRoom: a slow organ slows its publishers, and loses nothing.
func publishWaitsForRoom(e *env) {
	const limit, events = 4, 40
	b := e.openLimit(limit)
	var got journal[int64]
	var published, handled atomic.Int64
	s := e.spine(b, organs(newOrgan("slow", e.policy(), on(func(ctx context.Context, ev *eventA, _ emit) error {
		if waiting := published.Load() - handled.Load(); waiting > limit+1 {
			e.Errorf("%d events were let in, the limit is %d", waiting, limit)
		}
		got.add(ev.N)
		handled.Add(1)
		return idle(ctx, e.h.Unit/10)
	}))))
	p := e.run(s)
	e.send(s, &eventA{N: 0})
	e.until("the organ has begun", func() bool { return got.len() > 0 })
	published.Store(1)
	for n := int64(1); n < events; n++ {
		e.send(s, &eventA{N: n})
		published.Add(1)
	}
	e.until("everything is handled", func() bool { return got.len() == events })
	p.stop()
	wants(e, "order", &got, upTo(0, events-1)...)
}

// publishFromAHandler over the limit is an error: the handler would wait for itself to end.
func publishFromAHandler(e *env) {
	b := e.openLimit(2)
	var got journal[error]
	var s *necro.Spine
	s = e.spine(b, organs(newOrgan("all", e.policy(), on(func(ctx context.Context, ev *eventA, _ emit) error {
		if ev.N < 3 {
			ctx, cancel := context.WithTimeout(ctx, e.units(20))
			defer cancel()
			got.add(s.Publish(ctx, &eventA{N: 3}))
		}
		return nil
	}))))
	e.sendA(s, 1, 2)
	e.drain(s)
	if errs := got.all(); len(errs) == 0 || !errors.Is(errs[0], contract.ErrFull) {
		e.Errorf("publish: errors %v, the first has to be %v", errs, contract.ErrFull)
	}
}

// prefetchIsBounded: a blocked organ does not hoard deliveries that others could run. A pack is fetched
// as a whole.
func prefetchIsBounded(e *env) {
	const events = 2000
	for _, handlers := range []int{1, 2} {
		b := e.open()
		policy := e.policy()
		policy.Concurrency = handlers
		s := e.spine(b, organs(newOrgan("blocked", policy, on(func(ctx context.Context, _ *eventA, _ emit) error {
			<-ctx.Done()
			return ctx.Err()
		}))), necro.WithGrace(e.units(2)))
		for n := int64(1); n <= events; n += 200 {
			e.sendA(s, n, n+199)
		}
		p := e.run(s)
		e.until("a delivery is leased", func() bool { return e.health(b, "blocked").Leased > 0 })
		e.wait(e.units(3))
		if n := e.health(b, "blocked").Leased; n > 100 {
			e.Errorf("%d of %d deliveries are leased for %d blocked handlers", n, events, handlers)
		}
		p.cancel()
		p.wait()
	}
}

// prefetchHolds: fast handlers make large batches, of which a process with prefetch=N holds no more than N deliveries
// when the next handler takes long. Two workers hold the deliveries that they run besides.
func prefetchHolds(e *env) {
	const fast, events = 200, 260
	for _, limits := range []struct{ handlers, ahead int }{{1, 3}, {2, 3}, {1, 10}} {
		handlers, ahead := limits.handlers, limits.ahead
		b := e.open()
		policy := e.policy()
		policy.Concurrency, policy.Prefetch, policy.Pack = handlers, ahead, 1
		var blocked atomic.Int64
		s := e.spine(b, organs(newOrgan("blocked", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
			if ev.N <= fast {
				return nil
			}
			blocked.Add(1)
			<-ctx.Done()
			return ctx.Err()
		}))), necro.WithGrace(e.units(2)))
		e.bindOrgans(s)
		e.sendA(s, 1, events)
		p := e.run(s)
		e.until("every handler is blocked", func() bool { return blocked.Load() == int64(handlers) })
		most := ahead // the batch of a single worker holds the running delivery
		if handlers > 1 {
			most += handlers
		}
		e.until("what is done is settled", func() bool { return stored(e.health(b, "blocked")) == events-fast })
		if n := e.health(b, "blocked").Leased; n > most {
			e.Errorf("%d deliveries are leased for %d blocked handlers with prefetch=%d, want at most %d", n, handlers, ahead, most)
		}
		p.cancel()
		p.wait()
	}
}

// amplifyingOrganWaits: an organ that emits 50 events for each waits for the one that works them off, so
// that the backend holds about its limit and not all of them. Nothing is paused.
func amplifyingOrganWaits(e *env) {
	const limit, each = 200, 50
	b := e.openLimit(limit)
	events, pause := int64(60), e.h.Unit/4
	if !e.h.Virtual {
		events, pause = 12, e.h.Unit/40
	}
	var most, got atomic.Int64
	s := e.spine(b, organs(
		newOrgan("in", e.policy(), on(func(_ context.Context, ev *eventA, out emit) error {
			for n := range int64(each) {
				out(&eventB{N: ev.N*each + n})
			}
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), on(func(context.Context, *eventB, emit) error {
			if got.Add(1)%10 == 0 {
				most.Store(max(most.Load(), int64(stored(e.health(b, "out")))))
			}
			return idle(e.ctx, pause)
		})),
	))
	e.sendA(s, 1, events)
	e.drain(s)
	same(e, "handled", got.Load(), events*each)
	if most.Load() > 3*limit+3*each && !needsPayload(b) { // where outcomes are settled later, those on their way come on top
		e.Errorf("%d events were held behind an organ that emits them, the limit is %d", most.Load(), limit)
	}
}

// amplifyingCircle: an organ that takes its own emissions is paused with a reason, before it has filled the
// backend many times over.
func amplifyingCircle(e *env) {
	const limit, each = 1000, 10
	if !e.h.Virtual {
		e.Skip("a slowed organ waits for up to half a minute at a time until it is paused")
	}
	b := e.openLimit(limit)
	policy := e.policy()
	policy.MaxHops = 1000
	var calls atomic.Int64
	s := e.spine(b, organs(newOrgan("circle", policy, on(func(_ context.Context, ev *eventA, out emit) error {
		if calls.Add(1) > 2*limit { // it ends by itself where nothing stops it
			return nil
		}
		for range int64(each) {
			out(&eventA{N: ev.N})
		}
		return nil
	}, typeA))))
	e.sendA(s, 1, 1)
	_, err := s.Drain(e.ctx)
	if !errors.Is(err, necro.ErrPaused) {
		e.Fatalf("drain: %v, want %v", err, necro.ErrPaused)
	}
	h := e.health(b, "circle")
	if !strings.Contains(h.Paused, "limit") {
		e.Errorf("the organ is paused with the reason %q, want one that names the limit", h.Paused)
	}
	if n := stored(h); n > 10*limit {
		e.Errorf("%d events are held, the limit is %d", n, limit)
	}
}
