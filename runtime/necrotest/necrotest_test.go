package necrotest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

//go:generate go tool necrogen

// Placed is the event that a test publishes.
//
//necro:event
type Placed struct {
	ID     string `msgpack:"id" validate:"required"`
	Amount int    `msgpack:"amount" validate:"gt=0"`
}

// Paid is what Billing emits.
//
//necro:event
type Paid struct {
	ID string `msgpack:"id"`
}

// Flagged goes to the outside.
//
//necro:event output
type Flagged struct {
	ID string `msgpack:"id"`
}

var errGateway = errors.New("gateway is down")

// Billing fails the first so many times.
//
//necro:organ billing retry=3 backoff=1s..1s
type Billing struct{ failures int }

// Charge emits a payment, and a flag for a large one.
//
//necro:handle
func (b *Billing) Charge(_ context.Context, p *Placed) (Paid, *Flagged, error) {
	if b.failures > 0 {
		b.failures--
		return Paid{}, nil, errGateway
	}
	if p.Amount > 100 {
		return Paid{p.ID}, &Flagged{p.ID}, nil
	}
	return Paid{p.ID}, nil, nil
}

// Books counts payments.
//
//necro:organ books
type Books struct{ paid []string }

// Enter notes a payment.
//
//necro:handle
func (b *Books) Enter(_ context.Context, p Paid) { b.paid = append(b.paid, p.ID) }

func TestFeedReturnsTypedEmissions(t *testing.T) {
	fed := necrotest.Feed(t, &Billing{}, &Placed{ID: "a", Amount: 200})
	if fed.Err != nil {
		t.Fatal(fed.Err)
	}
	paid, flagged := necrotest.Emitted[Paid](fed), necrotest.Emitted[Flagged](fed)
	if len(paid) != 1 || paid[0].ID != "a" || len(flagged) != 1 {
		t.Fatalf("emitted %v and %v, want one each", paid, flagged)
	}
	if published := necrotest.Emitted[Placed](fed); len(published) != 0 {
		t.Errorf("what was fed counts as emitted: %v", published)
	}
}

func TestFeedReturnsTheHandlersError(t *testing.T) {
	fed := necrotest.Feed(t, &Billing{failures: 1}, &Placed{ID: "a", Amount: 1})
	if !errors.Is(fed.Err, errGateway) {
		t.Errorf("error %v, want the handler's own", fed.Err)
	}
	if paid := necrotest.Emitted[Paid](fed); len(paid) != 0 {
		t.Errorf("a failed handler emitted %v", paid)
	}
}

func TestRunRetriesOnVirtualTime(t *testing.T) {
	books := &Books{}
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&Placed{ID: "a", Amount: 1})
		stats := k.Drain()
		if stats.Retried != 2 || stats.Dead != 0 {
			t.Errorf("retried %d, dead %d, want 2 and 0", stats.Retried, stats.Dead)
		}
		var after []time.Duration
		for _, c := range k.Calls("billing") {
			after = append(after, c.After.Round(100*time.Millisecond))
		}
		if want := []time.Duration{0, time.Second, 2 * time.Second}; !slices.Equal(after, want) {
			t.Errorf("calls after %v, want %v", after, want)
		}
		placed, paid := necrotest.Events[Placed](k), necrotest.Events[Paid](k)
		if len(placed) != 1 || len(paid) != 1 {
			t.Errorf("stored %d orders and %d payments, want one of each", len(placed), len(paid))
		}
	}, necro.WithOrgans(&Billing{failures: 2}, books))
	if !slices.Equal(books.paid, []string{"a"}) {
		t.Errorf("booked %v, want a once", books.paid)
	}
}

func TestRunKeepsDeadLetters(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&Placed{ID: "a", Amount: 1})
		k.Drain()
		letters := k.DeadLetters("billing")
		if len(letters) != 1 || letters[0].Reason != contract.ReasonExhausted || letters[0].Error != errGateway.Error() {
			t.Fatalf("dead letters %+v, want one that is exhausted", letters)
		}
		if paid := necrotest.Events[Paid](k); len(paid) != 0 {
			t.Errorf("stored payments %v, want none", paid)
		}
	}, necro.WithOrgans(&Billing{failures: 3}, &Books{}))
}

// TestAdvance: virtual time passes exactly, and what is due by then has run, at the end of that time too.
func TestAdvance(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&Placed{"a", 1}, necro.WithDelay(time.Hour))
		k.Publish(&Placed{"b", 1}, necro.WithDelay(2*time.Hour))
		k.Drain()
		if n := len(k.Calls("billing")); n != 0 {
			t.Fatalf("%d calls before anything is due", n)
		}
		k.Advance(time.Hour - 1)
		if n := len(k.Calls("billing")); n != 0 {
			t.Fatalf("%d calls 1 ns before the first is due", n)
		}
		k.Advance(1)
		if calls := k.Calls("billing"); len(calls) != 1 || calls[0].After != time.Hour {
			t.Fatalf("calls after an hour: %v", calls)
		}
		k.Advance(time.Hour)
		calls := k.Calls("billing")
		if len(calls) != 2 || calls[1].After != 2*time.Hour {
			t.Fatalf("calls after two hours: %v", calls)
		}
	}, necro.WithOrgans(&Billing{}))
}

// TestAdvanceRunsRetries, while the test runs the spine by itself.
func TestAdvanceRunsRetries(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- k.Spine.Run(ctx) }()
		k.Publish(&Placed{"a", 1}, necro.WithDelay(time.Minute))
		k.Advance(time.Minute)
		if n := len(k.Calls("billing")); n != 1 {
			t.Errorf("%d calls after a minute, want 1", n)
		}
		k.Advance(2 * time.Second)
		if n := len(k.Calls("billing")); n != 2 {
			t.Errorf("%d calls after the backoff, want 2", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}, necro.WithOrgans(&Billing{failures: 1}))
}
