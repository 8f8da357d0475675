package necro_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// drained publishes a ping, works until nothing is left and returns the spine's counters.
func drained(t *testing.T, s *necro.Spine, options ...necro.PublishOption) necro.Stats {
	t.Helper()
	if err := s.Publish(t.Context(), &ping{1}, options...); err != nil {
		t.Fatal(err)
	}
	stats, err := s.Drain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stats
}

func open(t *testing.T, options ...necro.Option) *necro.Spine {
	t.Helper()
	s, err := necro.New(memory.New(memory.WithCopy()), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestRouteMiddlewareKnowsItsRouteAndKeepsTheOrder(t *testing.T) {
	var calls []string
	route := func(name string) func(necro.RouteInfo, necro.HandlerFunc) necro.HandlerFunc {
		return func(r necro.RouteInfo, next necro.HandlerFunc) necro.HandlerFunc {
			return func(ctx context.Context, e necro.Event) error {
				calls = append(calls, fmt.Sprintf("%s %s %s %s", name, r.Organ, r.Method, r.Event.Name))
				return next(ctx, e)
			}
		}
	}
	plain := func(next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, e necro.Event) error {
			calls = append(calls, "plain")
			return next(ctx, e)
		}
	}
	drained(t, open(t, necro.WithOrgans(&organ{name: "o", handle: nothing}),
		necro.Options(necro.WithRouteMiddleware(route("outer")), necro.WithMiddleware(plain)),
		necro.WithRouteMiddleware(route("inner"))))
	if want := []string{"outer o Handle PING", "plain", "inner o Handle PING"}; !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
}

func TestPublishMiddlewareIsAroundEveryPublish(t *testing.T) {
	var calls []string
	layer := func(name string) func(necro.PublishFunc) necro.PublishFunc {
		return func(next necro.PublishFunc) necro.PublishFunc {
			return func(ctx context.Context, msgs []necro.Message) error {
				calls = append(calls, fmt.Sprint(name, " ", len(msgs)))
				for i := range msgs {
					msgs[i].SetHeader("layer", name)
				}
				return next(ctx, msgs)
			}
		}
	}
	var got []map[string]string
	s := open(t, necro.WithPublishMiddleware(layer("a"), layer("b")), necro.WithOrgans(&organ{name: "o",
		handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
			m, _ := necro.MetaFrom(ctx)
			got = append(got, m.Headers)
			return nil
		}}))
	if err := s.PublishBatch(t.Context(), []necro.Event{&ping{1}, &ping{2}}, necro.WithHeader("own", "x")); err != nil {
		t.Fatal(err)
	}
	drained(t, s)
	if want := []string{"a 2", "b 2", "a 1", "b 1"}; !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
	if len(got) != 3 || got[0]["layer"] != "b" || got[0]["own"] != "x" || got[2]["layer"] != "b" {
		t.Errorf("headers %v", got)
	}
}

// A change of what belongs together is an error before any backend takes its own part of it.
func TestPublishMiddlewareMayNotChangeWhatIsPublished(t *testing.T) {
	other := pingType
	other.Name = "PONG"
	for name, change := range map[string]func(*necro.Message){
		"type":        func(m *necro.Message) { m.Type = &other },
		"id":          func(m *necro.Message) { m.ID = necro.NewID() },
		"event":       func(m *necro.Message) { m.Event = &ping{2} },
		"payload":     func(m *necro.Message) { m.Payload = []byte{2} },
		"correlation": func(m *necro.Message) { m.Correlation = necro.NewID() },
		"hops":        func(m *necro.Message) { m.Hops = -1 },
	} {
		for _, backend := range []necro.Backend{memory.New(), memory.New(memory.WithCopy())} {
			s, err := necro.New(backend, necro.WithOrgans(&organ{name: "o", handle: nothing}), necro.WithPublishMiddleware(
				func(next necro.PublishFunc) necro.PublishFunc {
					return func(ctx context.Context, msgs []necro.Message) error {
						change(&msgs[0])
						return next(ctx, msgs)
					}
				}))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Publish(t.Context(), &ping{1}); err == nil || !strings.Contains(err.Error(), "publish middleware") {
				t.Errorf("%s: Publish returns %v, want an error that names the middleware", name, err)
			}
			if n := s.Stats().Published; n != 0 {
				t.Errorf("%s: %d published", name, n)
			}
			s.Close()
		}
	}
}

// A layer may leave messages out, set keys, and store what it has in several calls.
func TestPublishMiddlewareMayStoreInParts(t *testing.T) {
	var got []string
	s := open(t, necro.WithOrgans(&organ{name: "o", handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
		m, _ := necro.MetaFrom(ctx)
		got = append(got, m.Key)
		return nil
	}}), necro.WithPublishMiddleware(func(next necro.PublishFunc) necro.PublishFunc {
		return func(ctx context.Context, msgs []necro.Message) error {
			for i := range msgs[1:] {
				msgs[i+1].Key = fmt.Sprint("key ", i)
				if err := next(ctx, msgs[i+1:i+2]); err != nil {
					return err
				}
			}
			return nil
		}
	}))
	if err := s.PublishBatch(t.Context(), []necro.Event{&ping{1}, &ping{2}, &ping{3}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"key 0", "key 1"}; !slices.Equal(got, want) {
		t.Errorf("handled events with keys %q, want %q", got, want)
	}
}

func TestPublishMiddlewareMayRefuse(t *testing.T) {
	refused := errors.New("refused")
	s := open(t, necro.WithPublishMiddleware(func(necro.PublishFunc) necro.PublishFunc {
		return func(context.Context, []necro.Message) error { return refused }
	}))
	if err := s.Publish(t.Context(), &ping{1}); !errors.Is(err, refused) {
		t.Errorf("Publish returns %v", err)
	}
	if n := s.Stats().Published; n != 0 {
		t.Errorf("%d published", n)
	}
}

// echo emits the ping it gets, once, and notes the headers that come with each.
type echo struct {
	set  func(ctx context.Context)
	seen []map[string]string
	last context.Context
}

func (o *echo) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: "echo", Path: "test", Routes: []contract.Route{{
		Event: &pingType, Method: "Handle", Emits: []*contract.EventType{&pingType}, Handle: o.handle,
	}}}
}

func (o *echo) handle(ctx context.Context, _ necro.Event, out *contract.Emissions) error {
	m, _ := necro.MetaFrom(ctx)
	o.seen, o.last = append(o.seen, m.Headers), ctx
	if m.Hops == 0 {
		o.set(ctx)
		out.Add(&ping{2})
		out.Add(&ping{3})
	}
	return nil
}

func TestEmitHeadersAreThoseOfOneCall(t *testing.T) {
	o := &echo{set: func(ctx context.Context) {
		inner, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		if !necro.SetEmitHeader(inner, "step", "1") {
			t.Error("SetEmitHeader does not know a context that descends from the handler's")
		}
	}}
	s := open(t, necro.WithOrgans(o))
	drained(t, s, necro.WithHeader("chain", "c"), necro.WithHeader("step", "0"))
	for i, want := range []string{"0", "1", "1"} {
		if o.seen[i]["step"] != want || o.seen[i]["chain"] != "c" {
			t.Errorf("event %d came with %v, want step %s of chain c", i, o.seen[i], want)
		}
	}
	o.set = func(context.Context) {}
	if drained(t, s); len(o.seen[4]) != 0 {
		t.Errorf("headers of a call before: %v", o.seen[4])
	}
	if necro.SetEmitHeader(o.last, "k", "v") || necro.SetEmitHeader(t.Context(), "k", "v") {
		t.Error("SetEmitHeader takes the context of no handler that runs")
	}
}

func TestHealthTellsWhetherTheSpineRuns(t *testing.T) {
	s := open(t, necro.WithOrgans(&organ{name: "o", handle: nothing}))
	running := func() bool { return s.Running() && s.Health(t.Context()).Running }
	if running() {
		t.Error("it runs before Run")
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	for !running() {
		time.Sleep(time.Millisecond)
	}
	if o := s.Organs(); len(o) != 1 || o[0] != (necro.OrganState{Organ: "o"}) {
		t.Errorf("organs %+v", o)
	}
	stop()
	if err := <-done; err != nil || running() {
		t.Errorf("after it stopped it runs: %v; Run returned %v", running(), err)
	}
}

// TestChosenPublishes: a layer sees what it wants, the rest goes past it, and another layer still sees all.
func TestChosenPublishes(t *testing.T) {
	var seen, asked int
	mark := func(next necro.PublishFunc) necro.PublishFunc {
		return func(ctx context.Context, msgs []necro.Message) error {
			seen++
			msgs[0].SetHeader("seen", "yes")
			return next(ctx, msgs)
		}
	}
	wants := func(_ context.Context, _ necro.ID, headers map[string]string) bool {
		asked++
		return headers["wanted"] != ""
	}
	var got []string
	o := &organ{name: "o", handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
		meta, _ := necro.MetaFrom(ctx)
		got = append(got, meta.Headers["seen"])
		return nil
	}}
	s := open(t, necro.WithOrgans(o), necro.WithChosenPublishes(wants, mark))
	drained(t, s)
	drained(t, s, necro.WithHeader("wanted", "yes"))
	if err := s.PublishBatch(t.Context(), []necro.Event{&ping{1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "yes", ""}; !slices.Equal(got, want) || seen != 1 || asked < 3 {
		t.Errorf("the handler saw %q, want %q; the layer ran %d times, and was asked %d times", got, want, seen, asked)
	}
	all := 0
	drained(t, open(t, necro.WithOrgans(&organ{name: "o", handle: nothing}), necro.WithChosenPublishes(wants, mark),
		necro.WithPublishMiddleware(func(next necro.PublishFunc) necro.PublishFunc {
			return func(ctx context.Context, msgs []necro.Message) error {
				all++
				return next(ctx, msgs)
			}
		})))
	if all != 1 || seen != 1 {
		t.Errorf("the layer for all ran %d times more, want 1, and the other %d times, want none", all, seen-1)
	}
}

type valueKey struct{}

// TestContextValueIsMadeWhenItIsAskedFor: what a context has itself comes before it, and the run's context behind it.
func TestContextValueIsMadeWhenItIsAskedFor(t *testing.T) {
	made := 0
	value := necro.WithContextValue(valueKey{}, func(ctx context.Context) any {
		made++
		if meta, _ := necro.MetaFrom(ctx); meta.Headers["named"] != "" {
			return meta.Headers["named"]
		}
		return nil
	})
	var got []any
	asks := false
	o := &organ{name: "o", handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
		if asks {
			got = append(got, ctx.Value(valueKey{}), context.WithValue(ctx, valueKey{}, "own").Value(valueKey{}))
		}
		return nil
	}}
	s := open(t, necro.WithOrgans(o), value)
	drained(t, s)
	if made != 0 {
		t.Errorf("the value was made %d times, and nobody asked", made)
	}
	asks = true
	drained(t, s, necro.WithHeader("named", "by header"))
	drained(t, s)
	if want := []any{"by header", "own", nil, "own"}; !slices.Equal(got, want) || made != 2 {
		t.Errorf("values %v, want %v; made %d times", got, want, made)
	}
}
