package backendtest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var shareTests = []test{
	{"TwoProcessesShareTheLoad", twoProcessesShare},
	{"StoppedProcessLeavesItsShare", stoppedProcessLeavesItsShare},
	{"WorkBehindASlowHandlerIsShared", workBehindASlowHandlerIsShared},
	{"WorkBehindSlowHandlersIsShared", workBehindSlowHandlersIsShared},
	{"SlowJobsSpreadOneByOne", slowJobsSpread},
	{"JobsOfOneCallAreShared", jobsOfOneCallAreShared},
	{"OfferedWorkKeepsItsOrder", offeredWorkKeepsItsOrder},
	{"WorkOfAnOrderedOrganIsNotOffered", orderedWorkIsNotOffered},
	{"ExclusiveOrganRunsInOneProcess", exclusiveRunsInOne},
	{"ExclusiveOrganIsHandedOver", exclusiveIsHandedOver},
}

// workingOrgan is an organ that takes a moment for each event.
func workingOrgan(e *env, policy contract.Policy, got *journal[int64], before func() func()) contract.Organ {
	return newOrgan("all", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
		defer before()()
		got.add(ev.N)
		return idle(ctx, e.h.Unit/4)
	}))
}

func nothing() func() { return func() {} }

// twoProcessesShare the events of an organ: each goes to one of them, and both have some. Each process waits at its first event
// until the other one has an event, too, because one of two might be slow to start.
func twoProcessesShare(e *env) {
	const events = 100
	b := e.open()
	var left, right journal[int64]
	var atWork atomic.Int64
	bothWork := make(chan struct{})
	meet := func() func() func() {
		first := sync.OnceFunc(func() {
			if atWork.Add(1) == 2 {
				close(bothWork)
			}
			select {
			case <-bothWork:
			case <-e.ctx.Done():
				e.Error("one process has all events")
			}
		})
		return func() func() {
			first()
			return func() {}
		}
	}
	s := e.spine(b, organs(workingOrgan(e, e.policy(), &left, meet())))
	other := e.spine(e.attachProcess(b), organs(workingOrgan(e, e.policy(), &right, meet())))
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
}

// stoppedProcessLeavesItsShare, prefetched or not, to the other at once.
func stoppedProcessLeavesItsShare(e *env) {
	const events = 60
	b := e.open()
	var left, right journal[int64]
	s := e.spine(b, organs(workingOrgan(e, e.policy(), &left, nothing)))
	other := e.spine(e.attachProcess(b), organs(workingOrgan(e, e.policy(), &right, nothing)))
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
	s := e.spine(b, organs(workingOrgan(e, policy, &got, alone(&left, &right))))
	other := e.spine(e.attachProcess(b), organs(workingOrgan(e, policy, &got, alone(&right, &left))))
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
	s := e.spine(b, organs(workingOrgan(e, policy, &left, nothing)))
	e.sendA(s, 1, events)
	p := e.run(s)
	e.until("the first has begun", func() bool { return left.len() > 3 })
	q := e.run(e.spine(e.attachProcess(b), organs(workingOrgan(e, policy, &right, nothing))))
	e.wait(e.units(1))
	same(e, "handled by the second meanwhile", right.len(), 0)
	p.stop()
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	q.stop()
	if got := append(left.all(), right.all()...); !slices.Equal(got, upTo(1, events)) {
		e.Errorf("handled: %v, want 1 to %d in order", got, events)
	}
}

// slowFrom is the first number of the events whose handlers wait.
const slowFrom = 100_000

// blockingOrgan is an organ whose handlers wait, for events with numbers from slowFrom on, until released is
// closed. It writes down the events that it has handled, and counts those
// that wait.
func blockingOrgan(e *env, policy contract.Policy, got *journal[int64], waiting *atomic.Int64, released chan struct{}) contract.Organ {
	return newOrgan("all", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
		if ev.N >= slowFrom {
			waiting.Add(1)
			defer waiting.Add(-1)
			select {
			case <-released:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		got.add(ev.N)
		return nil
	}))
}

// workBehindASlowHandlerIsShared: one process has fetched many when a handler takes long. The others
// of them go to a process that comes.
func workBehindASlowHandlerIsShared(e *env) { e.sharesBehind(e.policy(), 1) }

// workBehindSlowHandlersIsShared is the same for an organ with two workers.
func workBehindSlowHandlersIsShared(e *env) {
	policy := e.policy()
	policy.Concurrency = 2
	e.sharesBehind(policy, 2)
}

// sharesBehind has a process fetch a large batch with so many slow events in it, one for each of its
// workers, and wants another process to handle all the rest meanwhile.
func (e *env) sharesBehind(policy contract.Policy, slow int64) {
	const quick = 3000
	b := e.open()
	var got journal[int64]
	var waiting atomic.Int64
	released := make(chan struct{})
	s := e.spine(b, organs(blockingOrgan(e, policy, &got, &waiting, released)))
	e.bindOrgans(s)
	e.sendA(s, 1, quick) // the batches grow with them
	e.sendA(s, slowFrom, slowFrom+slow-1)
	e.sendA(s, quick+1, 2*quick)
	p := e.run(s)
	e.until("all workers have a slow event", func() bool { return waiting.Load() == slow })
	q := e.run(e.spine(e.attachProcess(b), organs(blockingOrgan(e, policy, &got, &waiting, released))))
	e.until("the others are handled meanwhile", func() bool { return got.len() == 2*quick })
	close(released)
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	p.stop()
	q.stop()
	seen := got.all()
	slices.Sort(seen)
	want := append(upTo(1, 2*quick), upTo(slowFrom, slowFrom+slow-1)...)
	if !slices.Equal(seen, want) {
		e.Errorf("handled: %v, want %v, once each", seen, want)
	}
}

// bindOrgans binds the organs of a spine, so that events published then are stored for them.
func (e *env) bindOrgans(s *necro.Spine) { e.drain(s) }

// slowJobsSpread over processes that wait, one each, though they were published in one call and all
// processes have had quick work before.
func slowJobsSpread(e *env) {
	const processes = 8
	b := e.open()
	var got journal[int64]
	var waiting atomic.Int64
	released := make(chan struct{})
	var all []*process
	var s *necro.Spine
	for range processes {
		s = e.spine(e.attachProcess(b), organs(blockingOrgan(e, e.policy(), &got, &waiting, released)))
		all = append(all, e.run(s))
	}
	e.until("all run", func() bool { return e.health(b, "all").Consumers == processes })
	for first := int64(1); first <= 1000; first += 100 {
		e.sendA(s, first, first+99)
	}
	e.until("the quick ones are handled", func() bool { return got.len() == 1000 })
	e.sendA(s, slowFrom, slowFrom+processes-1)
	e.until("each process has a slow one", func() bool { return waiting.Load() == processes })
	close(released)
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	for _, p := range all {
		p.stop()
	}
	same(e, "handled", got.len(), 1000+processes)
}

// jobsOfOneCallAreShared by two processes that wait, though a backend that packs hands all of them to one. None is slow
// by itself: the process that has them comes back for the next one before it would be idle.
func jobsOfOneCallAreShared(e *env) {
	const jobs, each = 60, 60 * time.Millisecond
	b := e.open()
	var left, right journal[int64]
	takingLong := func(got *journal[int64]) contract.Organ {
		return newOrgan("all", e.policy(), on(func(ctx context.Context, ev *eventA, _ emit) error {
			got.add(ev.N)
			return idle(ctx, each)
		}))
	}
	s := e.spine(b, organs(takingLong(&left)))
	p, q := e.run(s), e.run(e.spine(e.attachProcess(b), organs(takingLong(&right))))
	e.until("both run", func() bool { return e.health(b, "all").Consumers == 2 })
	e.sendA(s, 1, jobs)
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	p.stop()
	q.stop()
	if min(left.len(), right.len()) < jobs/5 {
		e.Errorf("one process has handled %d jobs, the other one %d", left.len(), right.len())
	}
	same(e, "handled", left.len()+right.len(), jobs)
}

// offeredWorkKeepsItsOrder in a process that is alone.
func offeredWorkKeepsItsOrder(e *env) {
	const events = 600
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(ctx context.Context, ev *eventA, _ emit) error {
		got.add(ev.N)
		if ev.N == events/2 {
			return idle(ctx, 400*time.Millisecond) // the deliveries fetched with it are offered meanwhile
		}
		return nil
	}))))
	e.bindOrgans(s)
	e.sendA(s, 1, events)
	e.drain(s)
	wants(e, "order", &got, upTo(1, events)...)
}

// orderedWorkIsNotOffered: fetched deliveries of an organ with an order stay behind a slow handler.
func orderedWorkIsNotOffered(e *env) {
	for _, order := range []contract.OrderMode{contract.OrderKey, contract.OrderStrict} {
		b := e.open()
		policy := e.policy()
		policy.Order = order
		var left, right journal[int64]
		var waiting atomic.Int64
		released := make(chan struct{})
		s := e.spine(b, organs(blockingOrgan(e, policy, &left, &waiting, released)))
		e.bindOrgans(s)
		e.sendA(s, 1, 200)
		e.sendA(s, slowFrom, slowFrom)
		e.sendA(s, 201, 204)
		p := e.run(s)
		e.until("the slow one runs", func() bool { return waiting.Load() == 1 })
		before := e.health(b, "all")
		q := e.run(e.spine(e.attachProcess(b), organs(blockingOrgan(e, policy, &right, &waiting, released))))
		e.until("the others have nothing to do", func() bool { return right.len() == before.Ready })
		e.wait(400 * time.Millisecond)
		same(e, "handled by the other process", right.len(), before.Ready)
		close(released)
		e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
		p.stop()
		q.stop()
	}
}
