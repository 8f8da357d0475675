package backendtest

import (
	"context"
	"errors"
	"sync/atomic"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var independenceTests = []test{
	{"FailingOrganDisturbsNoOther", failingOrgan},
	{"HangingOrganDisturbsNoOther", hangingOrgan},
	{"PausedOrganDisturbsNoOther", pausedOrgan},
	{"EveryOrganHasItsOwnRetries", ownRetries},
}

// beside runs an organ beside a healthy one, which has to get through all of its events when
// the sick one has fallen ill from the first.
func beside(e *env, b contract.Backend, sick contract.Organ, fallen func()) *process {
	e.Helper()
	const events = 30
	var got journal[int64]
	s := e.spine(b, organs(sick, newOrgan("healthy", e.policy(), sink[kindA](&got))))
	p := e.run(s)
	e.sendA(s, 1, 1)
	fallen()
	e.sendA(s, 2, events)
	e.until("the healthy organ is done", func() bool { return got.len() == events })
	wants(e, "order", &got, upTo(1, events)...)
	return p
}

func failingOrgan(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Retry = 1000
	var calls atomic.Int64
	p := beside(e, b, newOrgan("sick", policy, on(func(context.Context, *eventA, emit) error {
		calls.Add(1)
		return errors.New("always")
	})), func() { e.until("it fails", func() bool { return calls.Load() > 0 }) })
	p.stop()
	same(e, "left for the other", stored(e.health(b, "sick")), 30)
}

func hangingOrgan(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Concurrency = 2
	g := newGate()
	p := beside(e, b, newOrgan("sick", policy, on(func(ctx context.Context, _ *eventA, _ emit) error {
		g.entered <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})), func() { e.untilEntered(g) })
	p.cancel()
	p.wait()
}

func pausedOrgan(e *env) {
	b := e.open()
	admin := e.admin(b)
	for _, c := range e.subscribe(b, e.organ("sick", typeA), e.organ("healthy", typeA)) {
		c.close()
	}
	e.ok(admin.Pause(e.ctx, "sick", "maintenance"), "pause")
	var got journal[int64]
	p := beside(e, b, newOrgan("sick", e.policy(), sink[kindA](&got)), func() {})
	same(e, "handled while paused", got.len(), 0)
	e.ok(admin.Resume(e.ctx, "sick"), "resume")
	e.until("the resumed organ is done", func() bool { return got.len() == 30 })
	p.stop()
}

// ownRetries: what one organ gives up, the other does not.
func ownRetries(e *env) {
	b := e.open()
	var left, right journal[int]
	failing := func(j *journal[int], failures int) contract.Route {
		return on(func(ctx context.Context, _ *eventA, _ emit) error {
			m, _ := necro.MetaFrom(ctx)
			j.add(m.Attempt)
			if m.Attempt <= failures {
				return errors.New("not yet")
			}
			return nil
		})
	}
	s := e.spine(b, organs(
		newOrgan("left", e.policy(), failing(&left, 99)),
		newOrgan("right", e.policy(), failing(&right, 2)),
	))
	e.sendA(s, 1, 1)
	e.drain(s)
	wants(e, "attempts of one organ", &left, 1, 2, 3, 4, 5)
	wants(e, "attempts of the other", &right, 1, 2, 3)
	same(e, "dead", e.health(b, "left").Dead, 1)
	same(e, "dead", e.health(b, "right").Dead, 0)
}
