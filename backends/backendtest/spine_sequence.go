package backendtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var sequenceTests = []test{
	{"OneAtATimeStartsInOrder", startsInOrder},
	{"ConcurrencyKeepsOrderPerKey", concurrencyKeepsOrderPerKey},
	{"ConcurrencyRunsKeysSideBySide", concurrencyRunsSideBySide},
	{"BusyKeyHoldsUpNoOther", busyKeyHoldsUpNoOther},
	{"StrictOrderWithFailures", strictOrderWithFailures},
	{"StrictOrderGoesOnAfterADeadLetter", strictOrderGoesOn},
	{"KeyOrderWithFailures", keyOrderWithFailures},
	{"KeyOrderWithASlowFetch", keyOrderWithASlowFetch},
	{"KeyOrderWithASuspectThatCannotStart", keyOrderWithASuspect},
	{"StrictOrderAcrossProcesses", strictOrderAcrossProcesses},
}

// startsInOrder holds across types and across the events of one organ's emissions.
func startsInOrder(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got), sink[kindB](&got), sink[kindC](&got))))
	for n := int64(0); n < 60; n += 3 {
		e.send(s, &eventA{N: n}, &eventC{N: n + 1}, &eventB{N: n + 2})
	}
	e.drain(s)
	wants(e, "order", &got, upTo(0, 59)...)
}

// perKey is the history of each key. Invariant: a key is in running from enterKey to leaveKey, so that
// a second enterKey finds an overlap.
type perKey struct {
	mu      sync.Mutex // guards all fields
	running map[string]bool
	got     map[string][]int64 // numbers of handled events, in order
	most    int                // keys that ran at a time
}

func newPerKey() *perKey { return &perKey{running: map[string]bool{}, got: map[string][]int64{}} }

// enterKey writes down a start, and reports whether the key was free.
func (p *perKey) enterKey(ev *eventA) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running[ev.Key] {
		return false
	}
	p.running[ev.Key] = true
	p.most = max(p.most, len(p.running))
	p.got[ev.Key] = append(p.got[ev.Key], ev.N)
	return true
}

func (p *perKey) leaveKey(ev *eventA) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.running, ev.Key)
}

// publishKeys publishes events round-robin over the keys a to e.
func (e *env) publishKeys(s *necro.Spine, events int64) {
	e.Helper()
	for n := range events {
		e.send(s, &eventA{N: n, Key: string(rune('a' + n%5))})
	}
}

// keyHandler takes a moment for each event, and wants the key for itself.
func keyHandler(e *env, p *perKey, fails func(m necro.Meta, ev *eventA) error) contract.Route {
	return on(func(ctx context.Context, ev *eventA, _ emit) error {
		if !p.enterKey(ev) {
			e.Errorf("two events with key %s run at a time", ev.Key)
			return nil
		}
		defer p.leaveKey(ev)
		if err := idle(ctx, time.Duration(rand.Int64N(int64(e.h.Unit/5)))); err != nil {
			return err
		}
		m, _ := necro.MetaFrom(ctx)
		return fails(m, ev)
	})
}

func noFailure(necro.Meta, *eventA) error { return nil }

func concurrencyKeepsOrderPerKey(e *env) {
	b := e.open()
	p := newPerKey()
	policy := e.policy()
	policy.Concurrency = 8
	s := e.spine(b, organs(newOrgan("all", policy, keyHandler(e, p, noFailure))))
	e.publishKeys(s, 100)
	e.drain(s)
	for key, got := range p.got {
		if !slices.IsSorted(got) || len(got) != 20 {
			e.Errorf("order of key %s: %v", key, got)
		}
	}
	same(e, "keys", len(p.got), 5)
}

// concurrencyRunsSideBySide: a slow key does not hold up the others.
func concurrencyRunsSideBySide(e *env) {
	b := e.open()
	g := newGate()
	policy := e.policy()
	policy.Concurrency = 4
	s := e.spine(b, organs(newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		g.passGate()
		return nil
	}))))
	e.send(s, &eventA{Key: "a"}, &eventA{Key: "b"}, &eventA{Key: "c"}, &eventA{Key: "d"})
	p := e.run(s)
	for range 4 {
		e.untilEntered(g)
	}
	close(g.open)
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	p.stop()
}

// busyKeyHoldsUpNoOther: the events of other keys run though 200 of one key are stored in front of
// them and the first of those is not done.
func busyKeyHoldsUpNoOther(e *env) {
	const busy, others = 200, 40
	b := e.open()
	policy := e.policy()
	policy.Concurrency = 8
	allRan := make(chan struct{})
	var ran atomic.Int64
	s := e.spine(b, organs(newOrgan("all", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
		if ev.Key != "busy" {
			if ran.Add(1) == others {
				close(allRan)
			}
			return nil
		}
		select {
		case <-allRan:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}))))
	var events []contract.Event
	for n := int64(1); n <= busy; n++ {
		events = append(events, &eventA{N: n, Key: "busy"})
	}
	for n := int64(1); n <= others; n++ {
		events = append(events, &eventA{N: busy + n, Key: fmt.Sprint("other ", n)})
	}
	e.ok(s.PublishBatch(e.ctx, events), "publish")
	p := e.run(s)
	select {
	case <-allRan:
	case <-e.ctx.Done():
		e.Errorf("%d of %d events of other keys ran behind a busy key", ran.Load(), others)
	}
	p.stop()
}

// strictOrderWithFailures: every third event fails twice, and nothing passes it.
func strictOrderWithFailures(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Order = contract.OrderStrict
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", policy, failsTwice(&got))))
	e.sendA(s, 1, 12)
	e.drain(s)
	wants(e, "starts", &got, 1, 2, 3, 3, 3, 4, 5, 6, 6, 6, 7, 8, 9, 9, 9, 10, 11, 12, 12, 12)
}

func failsTwice(got *journal[int64]) contract.Route {
	return on(func(ctx context.Context, ev *eventA, _ emit) error {
		got.add(ev.N)
		if m, _ := necro.MetaFrom(ctx); ev.N%3 == 0 && m.Attempt < 3 {
			return errors.New("not yet")
		}
		return nil
	})
}

func strictOrderGoesOn(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Order, policy.Retry = contract.OrderStrict, 2
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", policy, on(func(_ context.Context, ev *eventA, _ emit) error {
		got.add(ev.N)
		if ev.N == 2 {
			return errors.New("never")
		}
		return nil
	}))))
	e.sendA(s, 1, 4)
	e.drain(s)
	wants(e, "starts", &got, 1, 2, 2, 3, 4)
	same(e, "dead", e.health(b, "all").Dead, 1)
}

// keyOrderWithFailures: a failed delivery holds back its key, and no other.
func keyOrderWithFailures(e *env) {
	b := e.open()
	p := newPerKey()
	policy := e.policy()
	policy.Order, policy.Concurrency = contract.OrderKey, 4
	s := e.spine(b, organs(newOrgan("all", policy, keyHandler(e, p, func(m necro.Meta, ev *eventA) error {
		if ev.N%7 == 0 && m.Attempt < 3 {
			return errors.New("not yet")
		}
		return nil
	}))))
	e.publishKeys(s, 60)
	e.drain(s)
	for key, got := range p.got {
		if !slices.IsSorted(got) {
			e.Errorf("starts of key %s: %v", key, got)
		}
		same(e, "different events of key "+key, len(slices.Compact(got)), 12)
	}
}

// slowFetch is a backend whose deliveries are on their way for a while.
func slowFetch(b contract.Backend, delay time.Duration) contract.Backend {
	return &wrapped{b, func(c contract.Consumer, _ string) contract.Consumer { return &slowFetchConsumer{c, delay} }}
}

type slowFetchConsumer struct {
	contract.Consumer
	delay time.Duration
}

func (c *slowFetchConsumer) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	ds, err := c.Consumer.Fetch(ctx, limit)
	if len(ds) > 0 {
		time.Sleep(c.delay)
	}
	return ds, err
}

// keyOrderWithASlowFetch: the second event is on its way to this process when the first one
// fails.
func keyOrderWithASlowFetch(e *env) {
	policy := e.policy()
	policy.Order, policy.Concurrency = contract.OrderKey, 4
	policy.BackoffMin, policy.BackoffMax = e.units(10), e.units(10)
	g := newGate()
	var got journal[int64]
	s := e.spine(slowFetch(e.open(), e.units(5)), organs(newOrgan("all", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
		got.add(ev.N)
		if m, _ := necro.MetaFrom(ctx); ev.N == 1 && m.Attempt == 1 {
			g.passGate()
			return errors.New("not yet")
		}
		return nil
	}))))
	p := e.run(s)
	e.send(s, &eventA{N: 1, Key: "k"})
	e.untilEntered(g)
	e.send(s, &eventA{N: 2, Key: "k"})
	e.wait(e.units(2)) // the second is fetched, and not here yet
	close(g.open)
	e.until("both are handled", func() bool { return got.len() >= 3 })
	p.stop()
	wants(e, "starts", &got, 1, 1, 2)
}

// keyOrderWithASuspect: two events of a key were held by a process that died. The first cannot be
// marked as started, and goes back; the second, which waits for the key, does not start before it.
func keyOrderWithASuspect(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Order, policy.Concurrency = contract.OrderKey, 2
	sub := e.organ("all", typeA)
	sub.Order = policy.Order
	dead := e.subscribe(e.attachProcess(b), sub)[0]
	faulty := NewFaulty(b, Plan{})
	faulty.Next(OpExtend, Refused)
	var got journal[int64]
	s := e.spine(faulty, organs(newOrgan("all", policy, sink[kindA](&got))))
	e.send(s, &eventA{N: 1, Key: "k"}, &eventA{N: 2, Key: "k"})
	dead.takes(1, 2)
	dead.close()
	e.drain(s)
	wants(e, "starts", &got, 1, 2)
	same(e, "refused", faulty.Bites()[Bite{OpExtend, Refused}], 1)
}

// strictOrderAcrossProcesses is what strict and exclusive promise together.
func strictOrderAcrossProcesses(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Order, policy.Exclusive = contract.OrderStrict, true
	var got journal[int64]
	organ := newOrgan("all", policy, failsTwice(&got))
	first, second := e.spine(b, organs(organ)), e.spine(e.attachProcess(b), organs(organ))
	e.sendA(first, 1, 12)
	p, q := e.run(first), e.run(second)
	e.until("some are handled", func() bool { return got.len() >= 8 })
	p.stop()
	e.until("all are settled", func() bool { return stored(e.health(b, "all")) == 0 })
	q.stop()
	wants(e, "starts", &got, 1, 2, 3, 3, 3, 4, 5, 6, 6, 6, 7, 8, 9, 9, 9, 10, 11, 12, 12, 12)
}
