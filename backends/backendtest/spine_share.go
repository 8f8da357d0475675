package backendtest

import (
	"context"
	"slices"
	"sync/atomic"

	necro "github.com/necrostack/necrogen/runtime"
)

var shareTests = []test{
	{"TwoProcessesShareTheLoad", twoProcessesShare},
	{"StoppedProcessLeavesItsShare", stoppedProcessLeavesItsShare},
	{"ExclusiveOrganRunsInOneProcess", exclusiveRunsInOne},
	{"ExclusiveOrganIsHandedOver", exclusiveIsHandedOver},
}

// working is an organ that takes a moment for each event.
func working(e *env, policy necro.Policy, got *journal[int64], before func() func()) necro.Organ {
	return newOrgan("all", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
		defer before()()
		got.add(ev.N)
		return idle(ctx, e.h.Unit/4)
	}))
}

func nothing() func() { return func() {} }

// twoProcessesShare the events of an organ: each goes to one of them, and both have some.
func twoProcessesShare(e *env) {
	const events = 100
	b := e.open()
	var left, right journal[int64]
	s := e.spine(b, organs(working(e, e.policy(), &left, nothing)))
	other := e.spine(e.attach(b), organs(working(e, e.policy(), &right, nothing)))
	p, q := e.run(s), e.run(other)
	for n := int64(1); n <= events; n += 2 {
		e.sendA(s, n, n+1)
		e.wait(e.h.Unit / 4)
	}
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	p.stop()
	q.stop()
	seen := append(left.all(), right.all()...)
	slices.Sort(seen)
	if !slices.Equal(seen, upTo(1, events)) {
		e.Errorf("handled: %v, want 1 to %d, once each", seen, events)
	}
	if left.len() == 0 || right.len() == 0 {
		e.Errorf("handled: %d here and %d there, want a share each", left.len(), right.len())
	}
}

// stoppedProcessLeavesItsShare, prefetched or not, to the other at once.
func stoppedProcessLeavesItsShare(e *env) {
	const events = 60
	b := e.open()
	var left, right journal[int64]
	s := e.spine(b, organs(working(e, e.policy(), &left, nothing)))
	other := e.spine(e.attach(b), organs(working(e, e.policy(), &right, nothing)))
	e.sendA(s, 1, events)
	p := e.run(s)
	e.until("some are handled", func() bool { return left.len() >= 5 })
	q := e.run(other)
	e.until("the other has some", func() bool { return right.len() >= 5 || left.len() >= events-5 })
	p.stop()
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	q.stop()
	seen := append(left.all(), right.all()...)
	slices.Sort(seen)
	if !slices.Equal(seen, upTo(1, events)) {
		e.Errorf("handled: %v, want 1 to %d, once each", seen, events)
	}
}

// exclusiveRunsInOne process at a time, all in order.
func exclusiveRunsInOne(e *env) {
	const events = 30
	b := e.open()
	policy := e.policy()
	policy.Exclusive = true
	var got journal[int64]
	var left, right atomic.Int64
	alone := func(mine, theirs *atomic.Int64) func() func() {
		return func() func() {
			mine.Add(1)
			if theirs.Load() > 0 {
				e.Error("two processes run an exclusive organ")
			}
			return func() { mine.Add(-1) }
		}
	}
	s := e.spine(b, organs(working(e, policy, &got, alone(&left, &right))))
	other := e.spine(e.attach(b), organs(working(e, policy, &got, alone(&right, &left))))
	p, q := e.run(s), e.run(other)
	for n := int64(1); n <= events; n++ {
		e.sendA(s, n, n)
		e.wait(e.h.Unit / 5)
	}
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	p.stop()
	q.stop()
	wants(e, "order", &got, upTo(1, events)...)
}

// exclusiveIsHandedOver when its owner stops; what the owner had prefetched goes along.
func exclusiveIsHandedOver(e *env) {
	const events = 40
	b := e.open()
	policy := e.policy()
	policy.Exclusive = true
	var left, right journal[int64]
	s := e.spine(b, organs(working(e, policy, &left, nothing)))
	e.sendA(s, 1, events)
	p := e.run(s)
	e.until("the first has begun", func() bool { return left.len() > 3 })
	q := e.run(e.spine(e.attach(b), organs(working(e, policy, &right, nothing))))
	e.wait(e.units(1))
	same(e, "handled by the second meanwhile", right.len(), 0)
	p.stop()
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	q.stop()
	if got := append(left.all(), right.all()...); !slices.Equal(got, upTo(1, events)) {
		e.Errorf("handled: %v, want 1 to %d in order", got, events)
	}
}
