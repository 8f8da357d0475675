package backendtest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var identityTests = []test{
	{"EnvelopePropagates", envelopePropagates},
	{"EnvelopeOfAPublishedEvent", envelopeOfAPublishedEvent},
	{"AttemptsKeepTheirDeliveryID", attemptsKeepTheirDeliveryID},
	{"EnvelopeOutlivesItsCall", envelopeOutlivesItsCall},
	{"EmittedIDsAreStable", emittedIDsAreStable},
	{"EmittedIDsDiffer", emittedIDsDiffer},
}

// meta writes down the envelopes that handlers see.
func meta[K kind](e *env, j *journal[necro.Meta], emissions ...contract.Event) contract.Route {
	return on(func(ctx context.Context, _ *item[K], out emit) error {
		m, ok := necro.MetaFrom(ctx)
		if !ok {
			e.Error("a handler's context has no envelope")
		}
		j.add(m)
		out(emissions...)
		return nil
	}, typeB, typeC)
}

func envelopePropagates(e *env) {
	b := e.open()
	var first, second, third journal[necro.Meta]
	s := e.spine(b, organs(
		newOrgan("first", e.policy(), meta[kindA](e, &first, &eventB{N: 1, Key: "kb"})),
		newOrgan("second", e.policy(), meta[kindB](e, &second, &eventC{N: 2})),
		newOrgan("third", e.policy(), meta[kindC](e, &third)),
	))
	id, chain := contract.NewID(), contract.NewID()
	e.ok(s.Publish(e.ctx, &eventA{N: 0, Key: "ka"}, necro.WithID(id), necro.WithCorrelation(chain),
		necro.WithKey("given"), necro.WithHeader("tenant", "x"), necro.WithHeader("traceparent", "00-1")), "publish")
	e.drain(s)
	if first.len() != 1 || second.len() != 1 || third.len() != 1 {
		e.Fatalf("calls: %d, %d, %d, want one each", first.len(), second.len(), third.len())
	}
	one, two, three := first.all()[0], second.all()[0], third.all()[0]
	same(e, "id", one.ID, id)
	same(e, "causation of the first", one.Causation, contract.ID{})
	same(e, "causation of the second", two.Causation, one.ID)
	same(e, "causation of the third", three.Causation, two.ID)
	for hops, m := range []necro.Meta{one, two, three} {
		same(e, "correlation", m.Correlation, chain)
		same(e, "hops", m.Hops, hops)
		same(e, "attempt", m.Attempt, 1)
		same(e, "key", m.Key, []string{"given", "kb", ""}[hops])
		same(e, "type", m.Type, []string{typeA.Name, typeB.Name, typeC.Name}[hops])
		same(e, "organ", m.Organ, []string{"first", "second", "third"}[hops])
		same(e, "version", m.Version, 1)
		same(e, "delivery id", m.DeliveryID, contract.DeliveryID(m.ID, m.Organ))
		if !maps.Equal(m.Headers, map[string]string{"tenant": "x", "traceparent": "00-1"}) {
			e.Errorf("headers: got %v", m.Headers)
		}
	}
}

func envelopeOfAPublishedEvent(e *env) {
	b := e.open()
	var got journal[necro.Meta]
	s := e.spine(b, organs(newOrgan("all", e.policy(), meta[kindA](e, &got))))
	e.send(s, &eventA{N: 1, Key: "k"}, &eventA{N: 2})
	e.drain(s)
	ms := got.all()
	if len(ms) != 2 {
		e.Fatalf("%d calls, want 2", len(ms))
	}
	if ms[0].ID == ms[1].ID || ms[0].ID.IsZero() {
		e.Errorf("ids: %v and %v", ms[0].ID, ms[1].ID)
	}
	for i, m := range ms {
		same(e, "correlation", m.Correlation, m.ID)
		same(e, "causation", m.Causation, contract.ID{})
		same(e, "key", m.Key, []string{"k", ""}[i])
		e.wantInTest("published", m.Time)
	}
	if _, ok := necro.MetaFrom(e.ctx); ok {
		e.Error("a context outside of handlers has an envelope")
	}
}

func attemptsKeepTheirDeliveryID(e *env) {
	b := e.open()
	var got journal[necro.Meta]
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(ctx context.Context, _ *eventA, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		got.add(m)
		if m.Attempt < 3 {
			return errors.New("not yet")
		}
		return nil
	}))))
	e.sendA(s, 1, 1)
	e.drain(s)
	for i, m := range got.all() {
		same(e, "attempt", m.Attempt, i+1)
		same(e, "delivery id", m.DeliveryID, got.all()[0].DeliveryID)
	}
	same(e, "attempts", got.len(), 3)
}

// envelopeOutlivesItsCall: a context is never used again, so that what a handler started may
// still ask it.
func envelopeOutlivesItsCall(e *env) {
	const events = 40
	b := e.open()
	var contexts journal[context.Context]
	var metas journal[necro.Meta]
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(ctx context.Context, _ *eventA, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		contexts.add(ctx)
		metas.add(m)
		return nil
	}))))
	p := e.run(s)
	for n := range int64(events) {
		e.sendA(s, n, n)
		e.until("it is handled", func() bool { return contexts.len() > int(n) })
	}
	p.stop()
	for i, ctx := range contexts.all() {
		m, _ := necro.MetaFrom(ctx)
		if want := metas.all()[i]; m.ID != want.ID || m.DeliveryID != want.DeliveryID {
			e.Fatalf("envelope of call %d: id %v, delivery %v; was %v, %v", i+1, m.ID, m.DeliveryID, want.ID, want.DeliveryID)
		}
	}
	same(e, "calls", contexts.len(), events)
}

// tap writes down the emissions of every settle that is tried.
type tap struct {
	mu      sync.Mutex // guards emitted
	emitted [][]contract.ID
}

// over returns the backend with the tap on it.
func (t *tap) over(b contract.Backend) contract.Backend {
	return &wrapped{b, func(c contract.Consumer, _ string) contract.Consumer { return &tappedConsumer{c, t} }}
}

type tappedConsumer struct {
	contract.Consumer
	tap *tap
}

func (c *tappedConsumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	c.tap.mu.Lock()
	for _, o := range outcomes {
		var ids []contract.ID
		for _, m := range o.Emit {
			ids = append(ids, m.ID)
		}
		if o.Kind == contract.OutcomeAck {
			c.tap.emitted = append(c.tap.emitted, ids)
		}
	}
	c.tap.mu.Unlock()
	return c.Consumer.Settle(ctx, outcomes)
}

// emittedIDsAreStable kills a process that has run a handler before it could settle; the
// next one runs it again.
func emittedIDsAreStable(e *env) {
	b := e.open()
	var calls atomic.Int64
	taps := make([]*tap, 2)
	for i := range taps {
		faulty := NewFaulty(e.attachProcess(b), Plan{})
		taps[i] = &tap{}
		s := e.spine(taps[i].over(faulty), organs(newOrgan("in", e.policy(), on(func(_ context.Context, _ *eventA, out emit) error {
			if calls.Add(1) == 1 {
				faulty.Kill()
			}
			out(&eventB{N: 1}, &eventC{N: 2}, &eventB{N: 3})
			return nil
		}, typeB, typeC))), necro.WithLease(e.lease()), necro.WithGrace(e.units(2)))
		if i == 0 {
			e.sendA(s, 1, 1)
		}
		p := e.run(s)
		e.until("the handler's settle was tried", func() bool { return taps[i].len() > 0 })
		p.cancel()
		p.wait()
	}
	first, second := taps[0].emitted[0], taps[1].emitted[0]
	if !slices.Equal(first, second) {
		e.Errorf("ids of the second run: got %v, want those of the first, %v", second, first)
	}
	same(e, "calls", calls.Load(), 2)
}

func (t *tap) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.emitted)
}

// emittedIDsDiffer between siblings, and between organs that emit the same.
func emittedIDsDiffer(e *env) {
	t := &tap{}
	route := on(func(_ context.Context, _ *eventA, out emit) error {
		out(&eventB{N: 1}, &eventB{N: 1}, &eventC{N: 1})
		return nil
	}, typeB, typeC)
	s := e.spine(t.over(e.open()), organs(newOrgan("left", e.policy(), route), newOrgan("right", e.policy(), route)))
	e.sendA(s, 1, 2)
	e.drain(s)
	seen := map[contract.ID]bool{}
	for _, ids := range t.emitted {
		for _, id := range ids {
			seen[id] = true
		}
	}
	same(e, "different ids", len(seen), 12)
}
