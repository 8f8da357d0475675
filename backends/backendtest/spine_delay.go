package backendtest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var delayedTests = []test{
	{"DrainLeavesTheFuture", drainLeavesTheFuture},
	{"DelayedEventKeepsItsID", delayedEventKeepsItsID},
	{"CancelledEventDoesNotRun", cancelledEventDoesNotRun},
	{"DelayedEmissionRunsLater", delayedEmissionRunsLater},
	{"DelayStartsAtHopZero", delayStartsAtHopZero},
	{"EmissionWithTwoTimesIsRefused", emissionWithTwoTimes},
	{"LackingDelaysAreRefused", lackingDelaysAreRefused},
}

// onWith is on for a handler that emits events in envelopes.
func onWith[K kind](handle func(ctx context.Context, ev *item[K], out *contract.Emissions), emits ...*contract.EventType) contract.Route {
	var k K
	return contract.Route{
		Event: k.event(), Method: "Handle", Emits: emits, Delays: true,
		Handle: func(ctx context.Context, ev contract.Event, out *contract.Emissions) error {
			handle(ctx, ev.(*item[K]), out)
			return nil
		},
	}
}

// drainLeavesTheFuture: Drain ends though an event waits for its time, and a later Drain handles it.
func drainLeavesTheFuture(e *env) {
	b := e.delaying()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	e.ok(s.Publish(e.ctx, &eventA{N: 1}, necro.WithDelay(time.Hour)), "publish")
	e.send(s, &eventA{N: 2})
	e.drain(s)
	wants(e, "handled", &got, 2)
	e.ok(s.PublishBatch(e.ctx, []contract.Event{&eventA{N: 3}, &eventA{N: 4}}, necro.WithTime(time.Now().Add(e.units(3)))), "publish")
	e.ok(s.Publish(e.ctx, &eventA{N: 5}, necro.WithTime(time.Now().Add(-time.Hour))), "publish")
	e.drain(s)
	e.until("what is due was handled", func() bool { e.drain(s); return got.len() == 4 })
	list := got.all()
	slices.Sort(list)
	if !slices.Equal(list, []int64{2, 3, 4, 5}) {
		e.Errorf("handled: got %v", list)
	}
	same(e, "delayed", e.delayedOf(b), 1)
}

// delayedEventKeepsItsID, its chain and its headers, in all organs.
func delayedEventKeepsItsID(e *env) {
	b := e.delaying()
	var left, right journal[necro.Meta]
	s := e.spine(b, organs(newOrgan("left", e.policy(), meta[kindA](e, &left)), newOrgan("right", e.policy(), meta[kindA](e, &right))))
	p := e.run(s)
	id := contract.NewID()
	before := time.Now()
	e.ok(s.Publish(e.ctx, &eventA{N: 1, Key: "k"}, necro.WithID(id), necro.WithDelay(e.units(4)), necro.WithHeader("tenant", "x")), "publish")
	e.until("both have handled it", func() bool { return left.len() == 1 && right.len() == 1 })
	e.notBefore(before, e.units(4))
	for _, m := range []necro.Meta{left.all()[0], right.all()[0]} {
		same(e, "id", m.ID, id)
		same(e, "correlation", m.Correlation, id)
		same(e, "key", m.Key, "k")
		same(e, "tenant", m.Headers["tenant"], "x")
		same(e, "hops", m.Hops, 0)
	}
	p.stop()
}

func cancelledEventDoesNotRun(e *env) {
	b := e.delaying()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	p := e.run(s)
	ids := []contract.ID{contract.NewID(), contract.NewID()}
	for n, delay := range []time.Duration{time.Hour, e.units(4)} {
		e.ok(s.Publish(e.ctx, &eventA{N: int64(n)}, necro.WithID(ids[n]), necro.WithDelay(delay)), "publish")
	}
	for _, want := range []bool{true, false} {
		found, err := s.Cancel(e.ctx, ids[0])
		e.ok(err, "cancel")
		same(e, "was in the schedule", found, want)
	}
	e.until("the other event is handled", func() bool { return got.len() > 0 })
	p.stop()
	wants(e, "handled", &got, 1)
}

// delayedEmissionRunsLater, with the key and the headers that the handler gave it beside those that it inherits.
func delayedEmissionRunsLater(e *env) {
	b := e.delaying()
	var got journal[necro.Meta]
	var at time.Time
	s := e.spine(b, organs(
		newOrgan("in", e.policy(), onWith(func(_ context.Context, ev *eventA, out *contract.Emissions) {
			at = time.Now()
			out.AddWith(&eventB{N: 1, Key: "own"}, contract.Envelope{After: e.units(4), Key: "given", Headers: map[string]string{"tenant": "y", "more": "z"}})
			out.Add(&eventB{N: 2, Key: "own"})
			out.AddWith(&eventB{N: 3}, contract.Envelope{At: at.Add(-time.Hour)})
		}, typeB)),
		newOrgan("out", e.policy(), meta[kindB](e, &got)),
	))
	e.ok(s.Publish(e.ctx, &eventA{}, necro.WithHeader("tenant", "x"), necro.WithHeader("kept", "k")), "publish")
	e.drain(s)
	e.until("the delayed emission is handled", func() bool { e.drain(s); return got.len() == 3 })
	e.notBefore(at, e.units(4))
	byKey := map[string]necro.Meta{}
	for _, m := range got.all() {
		byKey[m.Key] = m
	}
	plain, late := byKey["own"], byKey["given"]
	same(e, "tenant of the plain one", plain.Headers["tenant"], "x")
	if want := map[string]string{"tenant": "y", "kept": "k", "more": "z"}; !maps.Equal(late.Headers, want) {
		e.Errorf("headers: got %v, want %v", late.Headers, want)
	}
	same(e, "causation", late.Causation, plain.Causation)
	same(e, "correlation", late.Correlation, plain.Correlation)
}

// delayStartsAtHopZero: a timer that starts itself again is no endless chain, and one without a delay is.
func delayStartsAtHopZero(e *env) {
	b := e.delaying()
	var ticks, spins journal[int64]
	policy := e.policy()
	policy.MaxHops = 1
	s := e.spine(b, organs(
		newOrgan("timer", policy, onWith(func(_ context.Context, ev *eventA, out *contract.Emissions) {
			ticks.add(ev.N)
			if ev.N < 3 {
				out.AddWith(&eventA{N: ev.N + 1}, contract.Envelope{After: time.Second})
			}
		}, typeA)),
		newOrgan("spin", policy, onWith(func(_ context.Context, ev *eventB, out *contract.Emissions) {
			spins.add(ev.N)
			out.AddWith(&eventB{N: ev.N + 1}, contract.Envelope{After: time.Millisecond})
		}, typeB)),
	))
	p := e.run(s)
	e.send(s, &eventA{}, &eventB{})
	e.until("the timer has ended", func() bool { return ticks.len() == 4 })
	e.until("the circle has ended", func() bool { return e.health(b, "spin").Dead == 1 })
	p.stop()
	wants(e, "spins", &spins, 0, 1)
	same(e, "dead letters of the timer", e.health(b, "timer").Dead, 0)
}

// emissionWithTwoTimes gives up the delivery, since no other attempt would mend it.
func emissionWithTwoTimes(e *env) {
	b := e.delaying()
	s := e.spine(b, organs(newOrgan("in", e.policy(), onWith(func(_ context.Context, _ *eventA, out *contract.Emissions) {
		out.AddWith(&eventB{}, contract.Envelope{After: time.Hour, At: time.Now().Add(time.Hour)})
	}, typeB))))
	e.sendA(s, 1, 1)
	e.drain(s)
	l := e.theLetter(b, "in")
	same(e, "reason", l.Reason, contract.ReasonEmission)
	if !strings.Contains(l.Error, "set one of them") {
		e.Errorf("the dead letter says %q", l.Error)
	}
	same(e, "delayed", e.delayedOf(b), 0)
}

// lackingDelaysAreRefused where they are asked for: an event must not run before its time because the engine has no
// schedule.
func lackingDelaysAreRefused(e *env) {
	if !slices.Contains(e.h.Lacks, Delays) {
		e.Skip("the backend keeps delayed events")
	}
	b := e.open()
	delays := newOrgan("all", e.policy(), onWith(func(context.Context, *eventA, *contract.Emissions) {}, typeB))
	if _, err := necro.New(b, necro.WithOrgans(delays), necro.WithLogger(nil)); err == nil {
		e.Error("an organ that emits with a delay runs on a backend that keeps no delayed events")
	}
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	if err := s.Publish(e.ctx, &eventA{}, necro.WithDelay(time.Hour)); err == nil || errors.Is(err, contract.ErrFull) {
		e.Errorf("publish with a delay: error %v", err)
	}
	if _, err := s.Cancel(e.ctx, contract.NewID()); err == nil {
		e.Error("cancel works on a backend that keeps no delayed events")
	}
	e.drain(s)
	same(e, "handled", got.len(), 0)
}
