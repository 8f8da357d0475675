package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestFullServerDrains fills a server up to its maxmemory. Publish is refused and stores
// nothing, while what is stored is still handled, with what it emits; then there is room again.
func TestFullServerDrains(t *testing.T) {
	t.Parallel()
	r := alone(t, "--maxmemory", "12mb")
	b := r.open()
	handled := journal[int]{}
	s := r.spine(b, necro.WithMaxBackendFailures(5), necro.WithOrgans(
		newOrgan("in", contract.Policy{}, on(func(_ context.Context, s *Step, emit func(contract.Event)) error {
			emit(&Next{N: s.N})
			return nil
		}, &Next{})),
		newOrgan("out", contract.Policy{}, on(func(_ context.Context, n *Next, _ func(contract.Event)) error {
			handled.add(n.N)
			return nil
		})),
	))
	r.bind(sub("in", &Step{}), sub("out", &Next{}))

	const together = 4
	text := strings.Repeat("x", 20<<10)
	publisher := r.spine(r.open())
	stored, full := 0, false
	for !full && stored < 1000 {
		var events []contract.Event
		for i := range together {
			events = append(events, &Step{N: stored + i, Text: text})
		}
		start := time.Now()
		err := publisher.PublishBatch(r.ctx, events)
		if errors.Is(err, contract.ErrBackendFull) {
			r.oneLine(err, "maxmemory")
			if took := time.Since(start); took > r.soon() {
				t.Errorf("a full server is told after %v", took)
			}
			full = true
			continue
		}
		r.ok(err, "publish")
		stored += together
	}
	if !full || stored < 10*together {
		t.Fatalf("%d events fit", stored)
	}
	same(r, "ready", r.health(b, "in").Ready, stored)
	r.onceEach("q:in", stored)
	_, err := s.Drain(r.ctx)
	r.ok(err, "drain")
	same(r, "handled", handled.len(), stored)
	r.ok(publisher.Publish(r.ctx, &Step{N: stored, Text: text}), "publish when there is room again")
	same(r, "entries", r.len("q:in"), 1)
}

// TestFullServerIsJoined starts programs anew while a server is full: one whose organs are bound
// works off what is stored, and one that brings a new organ is refused.
func TestFullServerIsJoined(t *testing.T) {
	t.Parallel()
	r := alone(t)
	r.bind(sub("in", &Step{}))
	r.publish(r.open(), steps(0, 3)...)
	r.do("CONFIG", "SET", "maxmemory", "1")
	_, err := r.open().Subscribe(r.ctx, []contract.Subscription{sub("in", &Step{}), sub("new", &Next{})})
	if !errors.Is(err, contract.ErrBackendFull) {
		t.Errorf("subscribe a new organ: error %v, want %v", err, contract.ErrBackendFull)
	}
	c := r.subscribe(r.open(), sub("in", &Step{}))[0]
	ds := c.take(3)
	r.wants(ds, upTo(3)...)
	c.ack(ds...)
	same(r, "entries", r.len("q:in"), 0)
}

// TestFullServerTakesNothingNew goes through what a full server must refuse, and what it must let
// happen.
func TestFullServerTakesNothingNew(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b := r.open()
	in := sub("in", &Step{})
	in.Lease = 300 * time.Millisecond
	c := r.subscribe(b, in, sub("out", &Next{}), sub("too", &Next{}))[0]
	r.publish(b, steps(0, 10)...)
	ds := c.take(10)
	c.settle(bury(ds[0]), bury(ds[1]))
	r.do("CONFIG", "SET", "maxmemory", "1")

	once := message(&Step{})
	once.Once = true
	for what, msgs := range map[string][]contract.Message{
		"one": steps(0, 1), "several": steps(0, 3), "of two organs": {message(&Next{})},
		"with an id": {once}, "to be parked": {message(&Last{})},
	} {
		if _, err := b.Publish(r.ctx, msgs, contract.PublishOptions{}); !errors.Is(err, contract.ErrBackendFull) {
			t.Errorf("publish %s: %v, want ErrBackendFull", what, err)
		}
	}
	letters, err := b.DeadLetters(r.ctx, "in", contract.ID{}, 2)
	r.ok(err, "dead letters")
	if n, err := b.Redrive(r.ctx, "in", letters[0].ID); n != 0 || !errors.Is(err, contract.ErrBackendFull) {
		t.Errorf("redrive: %d, %v, want ErrBackendFull", n, err)
	}
	same(r, "entries", r.len("q:in"), 1)
	same(r, "entries", r.len("park:LAST"), 0)

	n, err := b.Discard(r.ctx, "in", letters[0].ID)
	r.ok(err, "discard")
	same(r, "discarded", n, 1)
	lost, err := c.Extend(r.ctx, ds[2:])
	r.ok(err, "extend")
	same(r, "lost", len(lost), 0)
	c.settle(ack(ds[2], next(ds[2])), retry(ds[3], time.Millisecond), bury(ds[4]))
	c.ack(c.take(1)...)
	r.ok(c.Release(r.ctx, ds[5:7]), "release")
	ds = append(ds[7:], c.take(2)...)
	time.Sleep(in.Lease) // others may have them now
	other := r.subscribe(r.open(), in)[0]
	r.ok(c.Close(), "close")
	other.ack(other.take(len(ds))...)
	same(r, "entries", r.len("q:in"), 0)
	same(r, "emitted", r.len("q:out")+r.len("q:too"), 2)
}

// TestAmplifyingOrganIsSlowedBeforeTheServerDies: an organ that emits ten large events for each that it
// takes is slowed at the server's maxmemory, where the server would grow until the machine ends it.
func TestAmplifyingOrganIsSlowedBeforeTheServerDies(t *testing.T) {
	t.Parallel()
	const limit = 20 << 20
	r := alone(t, "--maxmemory", fmt.Sprint(limit))
	b := r.open()
	text := strings.Repeat("x", 10<<10)
	s := r.spine(b, necro.WithOrgans(newOrgan("in", contract.Policy{MaxHops: 1000},
		on(func(_ context.Context, s *Step, emit func(contract.Event)) error {
			for range 10 {
				emit(&Step{N: s.N, Text: text})
			}
			return nil
		}, &Step{}))))
	r.ok(s.Publish(r.ctx, &Step{N: 1, Text: text}), "publish")
	ctx, stop := context.WithCancel(r.ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	bounded := func() {
		full, err := b.Fullness(r.ctx)
		r.ok(err, "fullness")
		if full > 3 {
			t.Fatalf("the server holds %.1f times its limit", full)
		}
	}
	r.until("the organ is slowed", func() bool {
		bounded()
		return s.Organs()[0].Slowed
	})
	before := s.Stats().Handled
	for range 30 {
		bounded()
		time.Sleep(100 * time.Millisecond)
	}
	if n := s.Stats().Handled - before; n > 200 {
		t.Errorf("an organ that is slowed has handled %d events in three seconds", n)
	}
	stop()
	r.ok(<-ended, "run")
}
