package main

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/necrostack/necrogen/examples/internal/input"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// keyedSender takes a message once for each key, as a gateway should. What it answers depends on
// the message and the attempt alone, so every run gets the same answers.
type keyedSender struct {
	mu    sync.Mutex
	taken map[necro.ID]Delivery
}

var (
	errDown    = errors.New("out of order")
	errBlocked = errors.New("blocked")
)

func (s *keyedSender) Send(ctx context.Context, key necro.ID, d *Delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	meta, _ := necro.MetaFrom(ctx)
	switch n := d.NotificationID; {
	case n == 5 && d.Channel == SMS:
		return necro.Permanent(errBlocked)
	case n%3 == 1 && meta.Attempt == 1:
		return necro.RetryAfter(errDown, 0)
	case n%4 == 2 && meta.Attempt == 1: // the answer is lost
		s.taken[key] = *d
		return errDown
	}
	s.taken[key] = *d
	return nil
}

// sampleEvents are the events of the sample notifications.
func sampleEvents(t *testing.T) (events []necro.Event) {
	feed := (&service{}).makeFeed([]input.Source{input.Text("sample", sample)}, t.Output())
	feed.Publish = func(_ context.Context, e necro.Event) error {
		events = append(events, e)
		return nil
	}
	if err := feed.Run(t.Context()); err != nil || feed.Bad > 0 {
		t.Fatalf("%d bad notifications, %v", feed.Bad, err)
	}
	return events
}

func sampleDirectory(t *testing.T) *Directory {
	users, err := readUsers(input.Text("users", sampleUsers), true)
	if err != nil {
		t.Fatal(err)
	}
	return users
}

// TestCrashes has one fault at every call of the backend, one in each run: the gateways get the
// same messages under the same keys. What completion and the audit count is in memory, and ends
// with their program: that one sees every fault but the crash.
func TestCrashes(t *testing.T) {
	users := sampleDirectory(t)
	events := sampleEvents(t)
	faults := necrotest.Exhaust(t, func(w *necrotest.World) {
		outside, completion, audit := &keyedSender{taken: map[necro.ID]Delivery{}}, NewCompletion(), NewAudit(nil, nil, 0)
		w.Organs = func() []necro.Organ {
			return []necro.Organ{&Validator{users}, &Router{users}, &EmailChannel{outside}, &SMSChannel{outside}, &PushChannel{outside}}
		}
		w.InMemory = []necro.Organ{completion, audit}
		w.Snapshot = func() any {
			return []any{maps.Clone(outside.taken), audit.totals, maps.Clone(audit.open), maps.Clone(completion.sent)}
		}
	}, events[0], events[1], events[3], events[4], events[5])
	if faults < 500 {
		t.Errorf("%d faults: want more than 500", faults)
	}
}

// TestCompletion counts deliveries that come twice, and completes with the last one.
func TestCompletion(t *testing.T) {
	twice := func(next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, e necro.Event) error {
			return errors.Join(next(ctx, e), next(ctx, e))
		}
	}
	users := sampleDirectory(t)
	outside := &keyedSender{taken: map[necro.ID]Delivery{}}
	completion := NewCompletion()
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		for _, e := range sampleEvents(t) {
			k.Publish(e)
		}
		k.Drain()
		var done []uint64
		for _, c := range necrotest.Events[NotificationCompleted](k) {
			done = append(done, c.NotificationID)
		}
		if len(done) != 8 {
			t.Errorf("completed %v, want all but 5 and 6", done)
		}
		if skipped := necrotest.Events[DeliverySkipped](k); len(skipped) != 1 || skipped[0].Channel != SMS {
			t.Errorf("skipped %v, want the sms of carol", skipped)
		}
		rejected := necrotest.Events[NotificationRejected](k)
		if len(rejected) != 1 || !strings.Contains(rejected[0].Reason, "no address for push") {
			t.Errorf("rejected %v, want 6", rejected)
		}
	}, necro.WithOrgans(&Validator{users}, &Router{users}, &EmailChannel{outside}, &SMSChannel{outside}, &PushChannel{outside}, completion),
		necro.WithMiddleware(twice))
	if len(completion.sent) != 1 {
		t.Errorf("%d notifications are open, want that with the dead letter", len(completion.sent))
	}
}
