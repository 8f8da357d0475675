package intercept_test

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var event = &contract.EventType{Name: "E", Version: 1, New: func() necro.Event { return nil }}

// use makes each call of the seam once.
func use(t *testing.T, b *intercept.Backend) {
	t.Helper()
	ctx := t.Context()
	consumers, err := b.Subscribe(ctx, []contract.Subscription{{Organ: "a", Path: "example.com/a", Events: []*contract.EventType{event}, Lease: time.Hour}})
	if err != nil || len(consumers) != 1 {
		t.Fatal(consumers, err)
	}
	c := consumers[0]
	for range 2 {
		if _, err := b.PublishOne(ctx, necro.Message{ID: necro.NewID(), Type: event}, contract.PublishOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	ds, err := c.Fetch(ctx, 2)
	if err != nil || len(ds) != 2 {
		t.Fatal(ds, err)
	}
	if lost, err := c.Extend(ctx, []*contract.Delivery{&ds[0]}); err != nil || len(lost) > 0 {
		t.Fatal(lost, err)
	}
	if _, err := c.Settle(ctx, []contract.Outcome{{Kind: contract.OutcomeAck, Delivery: &ds[0]}}); err != nil {
		t.Fatal(err)
	}
	if err := c.Release(ctx, []*contract.Delivery{&ds[1]}); err != nil {
		t.Fatal(err)
	}
	if records, err := b.LoadStates(ctx, "a", []string{"k"}); err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}
	if page, next, err := b.RangeStates(ctx, "a", "", 10); err != nil || len(page) != 0 || next != "" {
		t.Fatal(page, next, err)
	}
	if h := b.Health(ctx); len(h.Organs) != 1 || h.Organs[0].Ready != 1 {
		t.Errorf("after one of two events: %+v", h)
	}
	if err := c.(contract.LeavingConsumer).CloseWithin(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestCallsPassOn makes each call over functions that note and pass it on, and over none.
func TestCallsPassOn(t *testing.T) {
	use(t, intercept.New(memory.New(), intercept.Calls{}))
	var noted []string
	calls := intercept.Calls{
		Publish: func(ctx context.Context, b necro.Backend, msgs []necro.Message, options contract.PublishOptions) (contract.Duplicates, error) {
			noted = append(noted, "Publish")
			return b.Publish(ctx, msgs, options)
		},
		Subscribe: func(ctx context.Context, b necro.Backend, subs []contract.Subscription) ([]contract.Consumer, error) {
			noted = append(noted, "Subscribe")
			return b.Subscribe(ctx, subs)
		},
		Health: func(ctx context.Context, b necro.Backend) contract.Health {
			noted = append(noted, "Health")
			return b.Health(ctx)
		},
		Fetch: func(ctx context.Context, c contract.Consumer, limit int) ([]contract.Delivery, error) {
			noted = append(noted, "Fetch")
			return c.Fetch(ctx, limit)
		},
		Settle: func(ctx context.Context, c contract.Consumer, outcomes []contract.Outcome) (contract.Results, error) {
			noted = append(noted, "Settle")
			return c.Settle(ctx, outcomes)
		},
		Extend: func(ctx context.Context, c contract.Consumer, ds []*contract.Delivery) ([]*contract.Delivery, error) {
			noted = append(noted, "Extend")
			return c.Extend(ctx, ds)
		},
		Release: func(ctx context.Context, c contract.Consumer, ds []*contract.Delivery) error {
			noted = append(noted, "Release")
			return c.Release(ctx, ds)
		},
		LoadStates: func(ctx context.Context, b contract.StatefulBackend, organ string, keys []string) ([]contract.StateRecord, error) {
			noted = append(noted, "LoadStates")
			return b.LoadStates(ctx, organ, keys)
		},
		Leave: func(_ context.Context, c contract.Consumer) error {
			noted = append(noted, "Leave")
			return c.Close()
		},
	}
	use(t, intercept.New(memory.New(), calls))
	want := []string{"Subscribe", "Publish", "Publish", "Fetch", "Extend", "Settle", "Release", "LoadStates", "Health", "Leave"}
	if !slices.Equal(noted, want) {
		t.Errorf("noted %v, want %v", noted, want)
	}
	if n := reflect.TypeFor[intercept.Calls]().NumField(); n != 9 {
		t.Errorf("Calls has %d functions, the test uses 9", n)
	}
}
