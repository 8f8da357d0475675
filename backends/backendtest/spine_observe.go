package backendtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var observeTests = []test{
	{"LogLinesHaveTheirAttributes", logAttributes},
	{"CountersTellOrganAndEvent", countersTell},
	{"MiddlewareIsAroundEveryCall", middlewareIsAround},
	{"MiddlewareMayRefuse", middlewareMayRefuse},
	{"MiddlewarePanicIsAFailure", middlewarePanics},
}

// logs is a slog.Handler that keeps every line as its attributes.
type logs struct {
	journal[map[string]string]
}

func (*logs) Enabled(context.Context, slog.Level) bool { return true }

func (l *logs) Handle(_ context.Context, r slog.Record) error { return l.keep(r, nil) }

func (l *logs) keep(r slog.Record, attrs []slog.Attr) error {
	line := map[string]string{"msg": r.Message}
	r.AddAttrs(attrs...)
	r.Attrs(func(a slog.Attr) bool {
		line[a.Key] = a.Value.Resolve().String()
		return true
	})
	l.add(line)
	return nil
}

func (l *logs) WithAttrs(attrs []slog.Attr) slog.Handler { return &logsWith{l, attrs} }
func (l *logs) WithGroup(string) slog.Handler            { return l }

func (l *logs) contains(is func(map[string]string) bool) bool {
	for _, line := range l.all() {
		if is(line) {
			return true
		}
	}
	return false
}

// logsWith is logs with attributes that stand on every line.
type logsWith struct {
	*logs
	attrs []slog.Attr
}

func (l *logsWith) Handle(_ context.Context, r slog.Record) error { return l.keep(r, l.attrs) }

func (l *logsWith) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logsWith{l.logs, append(l.attrs[:len(l.attrs):len(l.attrs)], attrs...)}
}

// logAttributes of a failed attempt, of a success and of a dead letter.
func logAttributes(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Retry = 2
	var logged logs
	s := e.spine(b, organs(newOrgan("all", policy, on(func(_ context.Context, ev *eventA, out emit) error {
		if ev.N == 1 {
			return errors.New("the gateway is down")
		}
		out(&eventB{N: 1}, &eventB{N: 2})
		return nil
	}, typeB))), necro.WithLogger(slog.New(&logged)))
	bad, good := contract.NewID(), contract.NewID()
	e.ok(s.Publish(e.ctx, &eventA{N: 1}, necro.WithID(bad)), "publish")
	e.ok(s.Publish(e.ctx, &eventA{N: 2}, necro.WithID(good)), "publish")
	e.drain(s)
	line := func(id contract.ID, attempt int) func(map[string]string) bool {
		return func(l map[string]string) bool {
			return l["event_id"] == id.String() && l["event_type"] == typeA.Name && l["organ"] == "all" &&
				l["attempt"] == fmt.Sprint(attempt) && l["correlation_id"] == id.String()
		}
	}
	for attempt := 1; attempt <= 2; attempt++ {
		if !logged.contains(line(bad, attempt)) {
			e.Errorf("no line of failed attempt %d in %v", attempt, logged.all())
		}
	}
	if !logged.contains(func(l map[string]string) bool { return line(good, 1)(l) && l["emitted"] == "2" }) {
		e.Errorf("no line of the success that emitted 2 in %v", logged.all())
	}
}

func countersTell(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Retry = 2
	s := e.spine(b, organs(
		newOrgan("in", policy,
			on(func(_ context.Context, ev *eventA, out emit) error {
				if ev.N == 3 {
					return errors.New("no")
				}
				out(&eventC{N: ev.N})
				return nil
			}, typeC),
			on(func(context.Context, *eventB, emit) error { return nil })),
		newOrgan("out", policy, on(func(context.Context, *eventC, emit) error { return nil })),
	))
	e.send(s, &eventA{N: 1}, &eventA{N: 2}, &eventA{N: 3}, &eventB{N: 4})
	stats := e.drain(s)
	same(e, "published", stats.Published, 4)
	same(e, "all", stats.Counts, necro.Counts{Handled: 5, Retried: 1, Dead: 1, Emitted: 2})
	want := map[string]necro.Counts{
		"in " + typeA.Name:  {Handled: 2, Retried: 1, Dead: 1, Emitted: 2},
		"in " + typeB.Name:  {Handled: 1},
		"out " + typeC.Name: {Handled: 2},
	}
	for _, r := range stats.Routes {
		same(e, r.Organ+" "+r.Event, r.Counts, want[r.Organ+" "+r.Event])
	}
	same(e, "routes", len(stats.Routes), len(want))
}

// middlewareIsAround every attempt, the first outermost, with the envelope at hand.
func middlewareIsAround(e *env) {
	b := e.open()
	var trace journal[string]
	layer := func(name string) func(necro.HandlerFunc) necro.HandlerFunc {
		return func(next necro.HandlerFunc) necro.HandlerFunc {
			return func(ctx context.Context, ev contract.Event) error {
				m, _ := necro.MetaFrom(ctx)
				trace.add(fmt.Sprintf("%s in %s %d", name, m.Organ, m.Attempt))
				err := next(ctx, ev)
				trace.add(fmt.Sprintf("%s out %v", name, err))
				return err
			}
		}
	}
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(ctx context.Context, _ *eventA, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		trace.add("handler")
		if m.Attempt == 1 {
			return errors.New("no")
		}
		return nil
	}))), necro.WithMiddleware(layer("outer"), layer("inner")))
	e.sendA(s, 1, 1)
	e.drain(s)
	wants(e, "calls", &trace,
		"outer in all 1", "inner in all 1", "handler", "inner out no", "outer out no",
		"outer in all 2", "inner in all 2", "handler", "inner out <nil>", "outer out <nil>")
}

// middlewareMayRefuse: its error is a failed attempt, and emissions of the handler don't count.
func middlewareMayRefuse(e *env) {
	b := e.open()
	var calls atomic.Int64
	var got journal[int64]
	s := e.spine(b, relaySpine(e, &got), necro.WithMiddleware(func(next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, ev contract.Event) error {
			err := next(ctx, ev)
			if calls.Add(1) == 1 {
				return errors.New("not so fast")
			}
			return err
		}
	}))
	e.sendA(s, 1, 1)
	stats := e.drain(s)
	wants(e, "emitted", &got, 1)
	same(e, "retried", stats.Retried, 1)
}

func middlewarePanics(e *env) {
	b := e.open()
	var calls atomic.Int64
	var got journal[int64]
	s := e.spine(b, relaySpine(e, &got), necro.WithMiddleware(func(next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, ev contract.Event) error {
			if calls.Add(1) == 1 {
				panic("middleware")
			}
			return next(ctx, ev)
		}
	}))
	e.sendA(s, 1, 1)
	e.drain(s)
	wants(e, "handled", &got, 1)
}
