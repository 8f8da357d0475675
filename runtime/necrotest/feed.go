package necrotest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Fed is what became of an event that was handed to an organ.
type Fed struct {
	// Err is what the handler returned, or what made its delivery fail: an invalid
	// emission, a panic.
	Err error

	t     testing.TB
	r     *recorder
	organ string
	key   string
	cause necro.ID // the event; zero where it is the only one
}

// Emitted returns what the handler emitted of one type, in order. It is empty after a
// failure, for then nothing was stored.
func Emitted[X any, P event[X]](f *Fed) []*X {
	return eventsOf[X, P](f.r, f.isEmitted)
}

// Outs is Emitted with what the handler said beside each event: After is how long it waits, also where the handler named a
// time, and 0 for at once. Key and Headers are those that it is stored with. The event of a timer that the handler starts is among
// them, under the key of the record.
func Outs[X any, P event[X]](f *Fed) []necro.Out[X] {
	var list []necro.Out[X]
	for _, m := range f.r.all(f.isEmitted) {
		if e, ok := m.Event.(P); ok {
			out := necro.Out[X]{Event: (*X)(e), Key: m.Key, Headers: m.Headers}
			if m.Due != 0 {
				out.After = time.Duration(m.Due - m.Nanos)
			}
			list = append(list, out)
		}
	}
	return list
}

// isEmitted reports whether a stored event came from the handler of the event.
func (f *Fed) isEmitted(m *necro.Message) bool {
	return !m.Causation.IsZero() && (f.cause.IsZero() || m.Causation == f.cause)
}

// Feed hands one event to one organ, for one attempt, and returns what became of it. The
// test fails at once when the event is invalid or the organ has no handler for it. Options
// are those of necro.New; logs are discarded unless one of them sets a logger.
func Feed(t testing.TB, organ necro.Organ, e necro.Event, options ...necro.Option) *Fed {
	t.Helper()
	return feed(t, organ, nil, e, options)
}

// feed hands one event to one organ, which keeps the state for its key unless that is nil.
func feed(t testing.TB, organ necro.Organ, state contract.State, e necro.Event, options []necro.Option) *Fed {
	t.Helper()
	spec := organ.NecroOrgan()
	if !takesEvent(spec, e) {
		t.Fatalf("necrotest: organ %s has no handler for %s", spec.Name, e.NecroEvent().Name)
	}
	f := &Fed{t: t, r: &recorder{Backend: memory.New(memory.WithCopy())}, organ: spec.Name}
	if key := e.NecroEvent().Key; key != nil {
		f.key = key(e)
	}
	if state != nil {
		if err := plantState(f.r.Backend, spec, f.key, state, e); err != nil {
			t.Fatalf("necrotest: store the state: %v", err)
		}
	}
	var returned error
	options = append([]necro.Option{necro.WithLogger(nil), necro.WithMiddleware(keepError(&returned))}, options...)
	options = append(options, necro.WithOrgans(&handlesOnly{organ, e.NecroEvent()}), necro.WithPolicy(spec.Name, necro.Retry(1), necro.OnFail(necro.Dead), necro.Batch(0, 0)))
	s, err := necro.New(f.r, options...)
	if err != nil {
		t.Fatalf("necrotest: %v", err)
	}
	ctx := context.Background()
	if err := s.Publish(ctx, e); err != nil {
		t.Fatalf("necrotest: publish: %v", err)
	}
	if _, err := s.Drain(ctx); err != nil {
		t.Fatalf("necrotest: %v", err)
	}
	f.Err = cmp.Or(returned, deliveryFailure(t, f.r, spec.Name))
	return f
}

// keepError keeps what a handler returns, for a dead letter has only its text.
func keepError(to *error) func(necro.HandlerFunc) necro.HandlerFunc {
	return func(next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, e necro.Event) error {
			*to = next(ctx, e)
			return *to
		}
	}
}

// takesEvent reports whether the organ takes the event, in this or an older version.
func takesEvent(spec contract.OrganSpec, e necro.Event) bool {
	for _, r := range spec.Routes {
		for t := r.Event; t != nil; t = t.Previous {
			if t == e.NecroEvent() {
				return true
			}
		}
	}
	return false
}

// handlesOnly is an organ cut down to one event, so that it does not go on to handle its own emissions. It takes the events of
// timers that it starts, and does nothing with them.
type handlesOnly struct {
	necro.Organ
	event *contract.EventType
}

func (o *handlesOnly) NecroOrgan() contract.OrganSpec {
	spec := o.Organ.NecroOrgan()
	routes := spec.Routes
	spec.Routes = nil
	for _, r := range routes {
		for t := r.Event; t != nil; t = t.Previous {
			if t == o.event {
				spec.Routes = append(spec.Routes, r)
			}
		}
	}
	for _, t := range timersOf(spec.Routes) {
		if t != spec.Routes[0].Event {
			spec.Routes = append(spec.Routes, contract.Route{Event: t, Method: "ring", State: true, Handle: ringNothing})
		}
	}
	return spec
}

// timersOf returns the events of the timers that handlers start or stop, each once.
func timersOf(routes []contract.Route) (timers []*contract.EventType) {
	for _, r := range routes {
		timers = append(timers, r.Timers...)
		if r.GiveUp != nil {
			timers = append(timers, r.GiveUp.Timers...)
		}
	}
	slices.SortFunc(timers, func(a, b *contract.EventType) int { return cmp.Compare(a.Name, b.Name) })
	return slices.Compact(timers)
}

func ringNothing(context.Context, contract.Event, *contract.Emissions) error { return nil }

// deliveryFailure returns why the delivery was given up, or nil.
func deliveryFailure(t testing.TB, r *recorder, organ string) error {
	letters, err := r.DeadLetters(context.Background(), organ, necro.ID{}, 1)
	if err != nil {
		t.Fatalf("necrotest: %v", err)
	}
	if len(letters) == 0 {
		return nil
	}
	return errors.New(letters[0].Error)
}
