package backendtest

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var hangTests = []test{
	{"HangingHandlerIsAbandoned", hangingHandlerIsAbandoned},
	{"LateResultIsDiscarded", lateResultIsDiscarded},
	{"OrganOfHangingHandlersIsUnhealthy", organIsUnhealthy},
	{"HangingHandlerDoesNotHoldUpStop", hangingHandlerAtStop},
	{"SlowHandlerKeepsItsLease", slowHandlerKeepsItsLease},
	{"LostLeaseCancelsTheHandler", lostLeaseCancels},
}

// stuckPolicy returns the policy and options of tests with handlers that hang: abandoned after
// 4 units.
func (e *env) stuckPolicy() (contract.Policy, necro.Option) {
	policy := e.policy()
	policy.Timeout, policy.Concurrency = e.units(2), 2
	return policy, necro.WithGrace(e.units(2))
}

// hangingHandler returns a handler that hangs in its first call until the test ends, deaf to its
// context; later calls succeed.
func hangingHandler(e *env, attempts *journal[int]) contract.Route {
	end := make(chan struct{})
	e.Cleanup(func() { close(end) })
	return on(func(ctx context.Context, _ *eventA, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		attempts.add(m.Attempt)
		if m.Attempt == 1 {
			<-end
		}
		return nil
	})
}

// hangingHandlerIsAbandoned: settled as failed, counted, and logged with its stack.
func hangingHandlerIsAbandoned(e *env) {
	b := e.open()
	policy, grace := e.stuckPolicy()
	var attempts journal[int]
	var logged logs
	s := e.spine(b, organs(newOrgan("all", policy, hangingHandler(e, &attempts))), grace, necro.WithLogger(slog.New(&logged)))
	e.sendA(s, 1, 1)
	stats := e.drain(s)
	wants(e, "attempts", &attempts, 1, 2)
	same(e, "abandoned", stats.Abandoned, 1)
	same(e, "retried", stats.Retried, 1)
	same(e, "handled", stats.Handled, 1)
	if !logged.contains(func(r map[string]string) bool {
		return r["organ"] == "all" && strings.Contains(r["stack"], "backendtest.")
	}) {
		e.Errorf("no log line has the stack of the handler; logged: %v", logged.all())
	}
}

// lateResultIsDiscarded: an abandoned handler returns after another attempt was handled.
func lateResultIsDiscarded(e *env) {
	b := e.open()
	policy, grace := e.stuckPolicy()
	end, ended := make(chan struct{}), make(chan struct{})
	var got journal[int64]
	s := e.spine(b, organs(
		newOrgan("in", policy, on(func(ctx context.Context, _ *eventA, out emit) error {
			m, _ := necro.MetaFrom(ctx)
			if m.Attempt == 1 {
				defer close(ended)
				<-end
				late, _ := necro.MetaFrom(ctx)
				same(e, "envelope of the late handler", late.DeliveryID, m.DeliveryID)
				same(e, "attempt of the late handler", late.Attempt, 1)
			}
			out(&eventB{N: int64(m.Attempt)})
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), sink[kindB](&got)),
	), grace)
	p := e.run(s)
	e.sendA(s, 1, 1)
	e.until("the second attempt is through", func() bool { return got.len() == 1 })
	close(end)
	<-ended
	e.wait(e.units(3))
	p.stop()
	wants(e, "emitted", &got, 2)
	same(e, "left", stored(e.health(b, "in"))+stored(e.health(b, "out")), 0)
	same(e, "handled", s.Stats().Handled, 2)
	same(e, "late results that were settled", s.Stats().Lost, 0)
}

// organIsUnhealthy when all of its slots are taken by handlers that hang, and not before.
func organIsUnhealthy(e *env) {
	b := e.open()
	policy, grace := e.stuckPolicy()
	policy.Retry = 1
	end := make(chan struct{})
	var calls atomic.Int64
	s := e.spine(b, organs(newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		calls.Add(1)
		<-end
		return nil
	}))), grace)
	p := e.run(s)
	e.sendA(s, 1, 1)
	e.until("one is abandoned", func() bool { return s.Stats().Abandoned == 1 })
	e.ok(s.Health(e.ctx).Err, "health with one slot of two")
	e.sendA(s, 2, 2)
	e.until("both are abandoned", func() bool { return s.Stats().Abandoned == 2 })
	e.until("the organ is unhealthy", func() bool { return s.Health(e.ctx).Err != nil })
	close(end)
	e.until("it recovers", func() bool { return s.Health(e.ctx).Err == nil })
	p.stop()
	same(e, "calls", calls.Load(), 2)
}

// hangingHandlerAtStop: Run ends though the handler does not, and the delivery is stored.
func hangingHandlerAtStop(e *env) {
	b := e.open()
	end := make(chan struct{})
	entered := newGate()
	close(entered.open)
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(context.Context, *eventA, emit) error {
		entered.passGate()
		<-end
		return nil
	}))), necro.WithGrace(e.units(2)))
	e.Cleanup(func() { close(end) })
	e.sendA(s, 1, 1)
	p := e.run(s)
	e.untilEntered(entered)
	since := time.Now()
	p.cancel()
	p.wait()
	if took := time.Since(since); e.h.Virtual && took > e.units(200) {
		e.Errorf("Run took %v to end, with a grace period of %v", took, e.units(2))
	}
	h := e.health(b, "all")
	same(e, "stored", stored(h), 1)
	same(e, "leased", h.Leased, 0)
	d := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0].one()
	same(e, "attempts", d.Attempts, 1)
}

// slowHandlerKeepsItsLease for five times its length, while another process would take over.
func slowHandlerKeepsItsLease(e *env) {
	b := e.open()
	var first, second journal[int64]
	organ := func(j *journal[int64]) []contract.Organ {
		return organs(newOrgan("all", e.policy(), on(func(ctx context.Context, ev *eventA, _ emit) error {
			j.add(ev.N)
			return idle(ctx, 5*e.lease())
		})))
	}
	s := e.spine(b, organ(&first), necro.WithLease(e.lease()))
	e.sendA(s, 1, 1)
	p := e.run(s)
	e.until("it runs", func() bool { return first.len() == 1 })
	other := e.run(e.spine(e.attachProcess(b), organ(&second), necro.WithLease(e.lease())))
	e.until("it is settled", func() bool { return stored(e.health(b, "all")) == 0 })
	p.stop()
	other.stop()
	same(e, "runs in the other process", second.len(), 0)
	same(e, "lost", s.Stats().Lost, 0)
}

// lostLeaseCancels the handler of a process that could not renew in time.
func lostLeaseCancels(e *env) {
	b := e.open()
	faulty := NewFaulty(b, Plan{})
	var cancelled atomic.Bool
	entered := newGate()
	close(entered.open)
	s := e.spine(faulty, organs(newOrgan("all", e.policy(), on(func(ctx context.Context, _ *eventA, _ emit) error {
		entered.passGate()
		<-ctx.Done()
		cancelled.Store(true)
		return ctx.Err()
	}))), necro.WithLease(e.lease()))
	e.sendA(s, 1, 1)
	e.run(s)
	e.untilEntered(entered)
	for range 3 * e.lease() / e.h.Unit { // far more than it takes to lose it
		faulty.Next(OpExtend, Refused)
	}
	c := e.subscribe(e.attachProcess(b), e.mortalOrgan("all", typeA))[0]
	c.ack(c.takes(1)...)
	faulty.Heal()
	e.until("the handler is cancelled", cancelled.Load)
	same(e, "left", stored(e.health(b, "all")), 0)
}
