package necro

import (
	"context"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// WithDelay lets the event wait in the backend, which routes it after that time to the organs that are bound to it
// then. The event keeps its id, and outlives this process where the backend does. [Spine.Cancel] takes it back. A delay
// below 1 ns is none.
func WithDelay(d time.Duration) PublishOption {
	return PublishOption{set: func(m *Message) { m.Nanos = time.Now().UnixNano(); m.Due = m.Nanos + int64(max(d, 0)) }, check: engine.CheckDelay(d)}
}

// WithTime is [WithDelay] up to a time. A time that has come is no delay.
func WithTime(t time.Time) PublishOption {
	return PublishOption{set: func(m *Message) { m.Due = max(t.UnixNano(), 1) }, check: engine.CheckDelay(time.Until(t))}
}

// Cancel takes a delayed event out of the backend's schedule, and reports whether it was there. After true the event is
// not delivered; after false it was delivered or is about to be, was cancelled before, or was never delayed. The id can
// be used for another event then.
func (s *Spine) Cancel(ctx context.Context, id ID) (bool, error) {
	if s.closing.Err() != nil {
		return false, fmt.Errorf("cancel: %w", ErrClosed)
	}
	b, ok := s.backend.(contract.DelayingBackend)
	if !ok {
		return false, fmt.Errorf("cancel %s: %w", id, engine.ErrNoDelays)
	}
	found, err := b.Cancel(ctx, id)
	if err != nil {
		return false, fmt.Errorf("cancel %s: %w", id, err)
	}
	return found, nil
}

// Out is an event that a handler emits with more than the event itself. A handler returns it like an event, also as
// []Out[X], or takes an Emit[Out[X]].
//
//	func (b *Billing) Charge(ctx context.Context, o *OrderPlaced) (*PaymentTaken, necro.Out[Reminder], error)
//
// A delayed event is stored in the same atomic step as everything else that the call emits, and waits there as one that
// was published [WithDelay].
type Out[X any] struct {
	// Event is what is emitted; nil is nothing.
	Event *X
	// After lets the event wait for so long, and At until a time. One of them may be set. What has come by then is no
	// delay.
	After time.Duration
	At    time.Time
	// Key is the value that groups related events, in place of the one in the event's key field. Empty leaves that.
	Key string
	// Headers are added to those that the event inherits, and replace those of the same name.
	Headers map[string]string
}

// Envelope returns all but the event, for generated code.
func (o Out[X]) Envelope() contract.Envelope {
	return contract.Envelope{After: o.After, At: o.At, Key: o.Key, Headers: o.Headers}
}
