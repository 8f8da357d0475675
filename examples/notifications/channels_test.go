package main

import (
	"context"
	"errors"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// senderFunc is a gateway for a test.
type senderFunc func(ctx context.Context, key necro.ID, d *Delivery) error

func (f senderFunc) Send(ctx context.Context, key necro.ID, d *Delivery) error {
	return f(ctx, key, d)
}

func sms(id uint64) *SMSRequested {
	return &SMSRequested{Delivery{id, "ada", SMS, "+15550100001", "Hello", Normal, 1}}
}

func TestRetriesUnderOneKey(t *testing.T) {
	var keys []necro.ID
	gateway := senderFunc(func(_ context.Context, key necro.ID, _ *Delivery) error {
		if keys = append(keys, key); len(keys) < 3 {
			return errDown
		}
		return nil
	})
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(sms(1))
		k.Drain()
		if sent := necrotest.Events[DeliverySent](k); len(sent) != 1 || sent[0].Attempt != 3 {
			t.Errorf("sent %v, want once, at attempt 3", sent)
		}
	}, necro.WithOrgans(&SMSChannel{gateway}))
	if len(keys) != 3 || keys[0] != keys[1] || keys[1] != keys[2] {
		t.Errorf("called with the keys %v, want three times the same", keys)
	}
}

// TestChannelsGiveUp: what is refused for good is a dead letter at once; what fails is tried as
// often as its channel's policy says, and an answer that does not come is a failure.
func TestChannelsGiveUp(t *testing.T) {
	blocked := senderFunc(func(context.Context, necro.ID, *Delivery) error { return necro.Permanent(errBlocked) })
	down := senderFunc(func(context.Context, necro.ID, *Delivery) error { return errDown })
	silent := senderFunc(func(ctx context.Context, _ necro.ID, _ *Delivery) error { <-ctx.Done(); return ctx.Err() })
	d := sms(1).Delivery
	for _, test := range []struct {
		name     string
		organ    string
		channel  necro.Organ
		event    necro.Event
		reason   contract.Reason
		attempts int
	}{
		{"blocked number", "sms", &SMSChannel{blocked}, &SMSRequested{d}, contract.ReasonPermanent, 1},
		{"blocked mailbox", "email", &EmailChannel{blocked}, &EmailRequested{d}, contract.ReasonPermanent, 1},
		{"blocked device", "push", &PushChannel{blocked}, &PushRequested{d}, contract.ReasonPermanent, 1},
		{"gateway down", "sms", &SMSChannel{down}, &SMSRequested{d}, contract.ReasonExhausted, 6},
		{"mail server silent", "email", &EmailChannel{silent}, &EmailRequested{d}, contract.ReasonExhausted, 8},
		{"push gateway silent", "push", &PushChannel{silent}, &PushRequested{d}, contract.ReasonExhausted, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
				k.Publish(test.event)
				k.Drain()
				letters := k.DeadLetters(test.organ)
				if len(letters) != 1 || letters[0].Reason != test.reason || letters[0].Attempts+1 != test.attempts {
					t.Errorf("dead letters %+v, want one: %s after %d attempts", letters, test.reason, test.attempts)
				}
				if sent := necrotest.Events[DeliverySent](k); len(sent) != 0 {
					t.Errorf("sent %v", sent)
				}
			}, necro.WithOrgans(test.channel))
		})
	}
}

// TestBreaker has a gateway that is down for a minute: the breaker keeps most calls away from it,
// and all messages are sent when it is back. Blocked numbers say nothing of the gateway.
func TestBreaker(t *testing.T) {
	const messages = 100
	var down time.Time
	calls, blocked := 0, 0
	gateway := senderFunc(func(_ context.Context, _ necro.ID, d *Delivery) error {
		switch {
		case d.NotificationID > messages:
			blocked++
			return necro.Permanent(errBlocked)
		case time.Now().Before(down):
			calls++
			return errDown
		}
		return nil
	})
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		for id := range uint64(20) {
			k.Publish(sms(messages + 1 + id))
		}
		k.Drain()
		if after := k.Calls("sms")[19].After; blocked != 20 || after != 0 {
			t.Errorf("%d blocked numbers, the last at %s: the breaker opened", blocked, after)
		}
		down = time.Now().Add(time.Minute)
		for id := range uint64(messages) {
			k.Publish(sms(id + 1))
		}
		k.Drain()
		if sent := necrotest.Events[DeliverySent](k); len(sent) != messages {
			t.Errorf("%d messages sent, want %d", len(sent), messages)
		}
		if calls > 5+60 {
			t.Errorf("%d calls of a gateway that is down: want 5, and one trial each second", calls)
		}
	}, necro.WithOrgans(&SMSChannel{gateway}), necro.WithPolicy("sms", necro.Retry(100), necro.Concurrency(1)))
}

// TestChannelsAreIndependent: a mail server that is down holds up no SMS.
func TestChannelsAreIndependent(t *testing.T) {
	up := senderFunc(func(context.Context, necro.ID, *Delivery) error { return nil })
	down := senderFunc(func(context.Context, necro.ID, *Delivery) error { return errDown })
	users := sampleDirectory(t)
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		for id := range uint64(20) {
			k.Publish(&NotificationRequested{Notification{id + 1, "ada", []Channel{Email, SMS, Push}, "Hello", High}})
		}
		k.Drain()
		for _, c := range k.Calls("") {
			if (c.Organ == "sms" || c.Organ == "push") && c.After != 0 {
				t.Errorf("%s waited for %s", c.Organ, c.After)
			}
		}
		if letters := k.DeadLetters("email"); len(letters) != 20 {
			t.Errorf("%d mails are dead letters, want 20", len(letters))
		}
	}, necro.WithOrgans(&Validator{users}, &Router{users}, &EmailChannel{down}, &SMSChannel{up}, &PushChannel{up}), necro.WithPolicy("email", necro.Concurrency(1)))
}

// TestRetryAfter: a gateway that says when is asked again then, and not before.
func TestRetryAfter(t *testing.T) {
	calls := 0
	gateway := senderFunc(func(context.Context, necro.ID, *Delivery) error {
		if calls++; calls == 1 {
			return necro.RetryAfter(errors.New("too many"), 90*time.Second)
		}
		return nil
	})
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(sms(1))
		k.Drain()
		if list := k.Calls("sms"); len(list) != 2 || list[1].After != 90*time.Second {
			t.Errorf("calls %+v, want the second after 90s", list)
		}
	}, necro.WithOrgans(&SMSChannel{gateway}))
}

// failing is a gateway that always fails like this.
type failing struct{ error }

func (f failing) Send(context.Context, necro.ID, *Delivery) error { return f.error }
