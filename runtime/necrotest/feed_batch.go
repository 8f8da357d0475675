package necrotest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// FeedBatch hands events of one type to a batch handler in one call, for one attempt of each, and returns what became of each, by
// position. Those of a call that fails as a whole are handled one by one. Otherwise it is Feed.
func FeedBatch[X any, P event[X]](t testing.TB, organ necro.Organ, events []P, options ...necro.Option) []*Fed {
	t.Helper()
	if len(events) == 0 {
		t.Fatal("necrotest: there are no events to feed")
	}
	spec := organ.NecroOrgan()
	if !takesEvent(spec, events[0]) {
		t.Fatalf("necrotest: organ %s has no handler for %s", spec.Name, events[0].NecroEvent().Name)
	}
	r := &recorder{Backend: memory.New(memory.WithCopy())}
	returned := &returnedErrors{byID: map[necro.ID]error{}}
	options = append([]necro.Option{necro.WithLogger(nil), necro.WithMiddleware(returned.keep)}, options...)
	options = append(options, necro.WithOrgans(&handlesOnly{organ, events[0].NecroEvent()}),
		necro.WithPolicy(spec.Name, necro.Retry(1), necro.OnFail(necro.Dead), necro.Concurrency(1), necro.Batch(len(events), time.Second)))
	s, err := necro.New(r, options...)
	if err != nil {
		t.Fatalf("necrotest: %v", err)
	}
	fed := make([]*Fed, len(events))
	ctx := context.Background()
	for i, e := range events {
		fed[i] = &Fed{t: t, r: r, organ: spec.Name, cause: necro.IDOf(fmt.Sprint("event ", i))}
		if err := s.Publish(ctx, e, necro.WithID(fed[i].cause)); err != nil {
			t.Fatalf("necrotest: publish event %d: %v", i, err)
		}
	}
	if _, err := s.Drain(ctx); err != nil {
		t.Fatalf("necrotest: %v", err)
	}
	letters, err := r.DeadLetters(ctx, spec.Name, necro.ID{}, len(events))
	if err != nil {
		t.Fatalf("necrotest: %v", err)
	}
	for _, l := range letters {
		returned.keepDeath(l.ID, l.Error)
	}
	for _, f := range fed {
		f.Err = returned.byID[f.cause]
	}
	return fed
}

// returnedErrors are what a handler returned last for each event, for a dead letter has only the text.
type returnedErrors struct {
	mu   sync.Mutex
	byID map[necro.ID]error
}

func (r *returnedErrors) keep(next necro.HandlerFunc) necro.HandlerFunc {
	return func(ctx context.Context, e necro.Event) error {
		err := next(ctx, e)
		m, _ := necro.MetaFrom(ctx)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.byID[m.ID] = err
		return err
	}
}

// keepDeath keeps why an event was given up whose handler returned no error.
func (r *returnedErrors) keepDeath(id necro.ID, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID[id] == nil {
		r.byID[id] = errors.New(text)
	}
}
