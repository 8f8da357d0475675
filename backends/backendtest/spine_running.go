package backendtest

import (
	"context"
	"errors"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var runningTests = []test{
	{"PublisherNeedsNoOrgans", publisherNeedsNoOrgans},
	{"PublishedIDIsStoredOnce", publishedIDIsStoredOnce},
	{"DrainWaitsForRetries", drainWaitsForRetries},
	{"DrainOfNothingReturns", drainOfNothing},
	{"DrainSeesItsOwnOrgansOnly", drainSeesItsOwn},
	{"DrainOfAPausedOrganIsAnError", drainOfAPausedOrgan},
	{"DrainEndsWithItsContext", drainEnds},
	{"ClosedSpineRefuses", closedSpineRefuses},
	{"RunHandlesWhatCameBefore", runHandlesWhatCameBefore},
	{"PublishIsConcurrent", publishIsConcurrent},
}

// publisherNeedsNoOrgans: another process handles, which comes later even.
func publisherNeedsNoOrgans(e *env) {
	b := e.open()
	publisher := e.spine(b, nil)
	e.send(publisher, &eventA{N: 1}, &eventA{N: 2})
	var got journal[int64]
	e.drain(e.spine(e.attachProcess(b), organs(newOrgan("all", e.policy(), sink[kindA](&got)))))
	wants(e, "handled", &got, 1, 2)
	e.run(publisher).stop()
}

func publishedIDIsStoredOnce(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	key := contract.IDOf("idempotency-key-7")
	for range 3 {
		e.ok(s.Publish(e.ctx, &eventA{N: 1}, necro.WithID(key)), "publish")
	}
	e.drain(s)
	e.ok(s.Publish(e.ctx, &eventA{N: 1}, necro.WithID(key)), "publish")
	e.send(s, &eventA{N: 2})
	e.drain(s)
	wants(e, "handled", &got, 1, 2)
}

func drainWaitsForRetries(e *env) {
	b := e.open()
	policy := e.policy()
	policy.BackoffMin, policy.BackoffMax = e.units(5), e.units(5)
	var attempts journal[int]
	s := e.spine(b, organs(newOrgan("all", policy, on(func(ctx context.Context, _ *eventA, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		attempts.add(m.Attempt)
		if m.Attempt < 4 {
			return errors.New("not yet")
		}
		return nil
	}))))
	e.sendA(s, 1, 1)
	stats := e.drain(s)
	wants(e, "attempts", &attempts, 1, 2, 3, 4)
	same(e, "handled", stats.Handled, 1)
}

func drainOfNothing(e *env) {
	e.drain(e.spine(e.open(), nil))
	e.drain(publishingSpine(e, e.open()))
}

// drainSeesItsOwn organs: another program's backlog is not its business.
func drainSeesItsOwn(e *env) {
	b := e.open()
	e.subscribe(b, e.organ("other", typeA))
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("mine", e.policy(), sink[kindA](&got))))
	e.sendA(s, 1, 3)
	e.drain(s)
	wants(e, "handled", &got, 1, 2, 3)
	same(e, "left for the other", stored(e.health(b, "other")), 3)
}

func drainOfAPausedOrgan(e *env) {
	b := e.open()
	admin := e.admin(b)
	var got journal[int64]
	s := e.spine(b, organs(
		newOrgan("paused", e.policy(), sink[kindA](&got)),
		newOrgan("works", e.policy(), sink[kindB](&got)),
	))
	e.send(s, &eventA{N: 1}, &eventB{N: 2})
	e.ok(admin.Pause(e.ctx, "paused", "maintenance"), "pause")
	if _, err := s.Drain(e.ctx); !errors.Is(err, necro.ErrPaused) {
		e.Errorf("drain: error %v, want %v", err, necro.ErrPaused)
	}
	wants(e, "handled", &got, 2)
	e.ok(admin.Resume(e.ctx, "paused"), "resume")
	e.drain(s)
	wants(e, "handled", &got, 2, 1)
}

func drainEnds(e *env) {
	b := e.open()
	policy := e.policy()
	policy.BackoffMin, policy.BackoffMax = e.units(50_000), e.units(50_000)
	s := e.spine(b, organs(newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		return errors.New("not yet")
	}))))
	e.sendA(s, 1, 1)
	ctx, cancel := context.WithCancel(e.ctx)
	drained := make(chan error, 1)
	go func() { _, err := s.Drain(ctx); drained <- err }()
	e.until("the retry is scheduled", func() bool { return e.health(b, "all").Scheduled == 1 })
	cancel()
	if err := <-drained; !errors.Is(err, context.Canceled) {
		e.Errorf("drain: error %v, want the context's", err)
	}
	same(e, "scheduled", e.health(b, "all").Scheduled, 1)
}

func closedSpineRefuses(e *env) {
	b := e.open()
	s := publishingSpine(e, b)
	e.sendA(s, 1, 2)
	e.ok(s.Close(), "close")
	_, drain := s.Drain(e.ctx)
	for call, err := range map[string]error{
		"publish": s.Publish(e.ctx, &eventA{N: 3}), "run": s.Run(e.ctx), "drain": drain,
	} {
		if !errors.Is(err, contract.ErrClosed) {
			e.Errorf("%s: error %v, want %v", call, err, contract.ErrClosed)
		}
	}
	h := e.health(b, "all")
	same(e, "stored", stored(h), 2)
	same(e, "consumers", h.Consumers, 0)
}

func runHandlesWhatCameBefore(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	e.sendA(s, 1, 5)
	p := e.run(s)
	e.until("all are handled", func() bool { return got.len() == 5 })
	e.sendA(s, 6, 6)
	e.until("the last is handled", func() bool { return got.len() == 6 })
	p.stop()
	wants(e, "handled", &got, upTo(1, 6)...)
}

// publishIsConcurrent: many publishers, single and in batches, while the organ runs and
// forwards.
func publishIsConcurrent(e *env) {
	const publishers, each = 4, 50
	b := e.open()
	var got journal[int64]
	s := e.spine(b, relaySpine(e, &got))
	p := e.run(s)
	var wg sync.WaitGroup
	for i := range int64(publishers) {
		wg.Go(func() {
			for n := range int64(each) {
				if err := s.Publish(e.ctx, &eventA{N: i*each + n}); err != nil {
					e.Errorf("publish: %v", err)
				}
			}
		})
	}
	wg.Wait()
	e.until("all came through", func() bool { return got.len() >= publishers*each })
	e.wait(time.Millisecond)
	p.stop()
	seen := map[int64]bool{}
	for _, n := range got.all() {
		seen[n] = true
	}
	same(e, "handled", got.len(), publishers*each)
	same(e, "different", len(seen), publishers*each)
}
