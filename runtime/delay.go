package necro

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// maxDelay bounds delays, so that due times can be told in nanoseconds.
const maxDelay = 100 * 365 * 24 * time.Hour

// freshHops is the delay from which on an event starts again at hop 0. So a timer that starts itself again is no endless
// chain, and a circle without a delay still ends at maxhops.
const freshHops = time.Second

// WithDelay lets the event wait in the backend, which routes it after that time to the organs that are bound to it
// then. The event keeps its id, and outlives this process where the backend does. [Spine.Cancel] takes it back. A delay
// below 1 ns is none.
func WithDelay(d time.Duration) PublishOption {
	return PublishOption{set: func(m *Message) { m.Nanos = time.Now().UnixNano(); m.Due = m.Nanos + int64(max(d, 0)) }, check: checkDelay(d)}
}

// WithTime is [WithDelay] up to a time. A time that has come is no delay.
func WithTime(t time.Time) PublishOption {
	return PublishOption{set: func(m *Message) { m.Due = max(t.UnixNano(), 1) }, check: checkDelay(time.Until(t))}
}

// checkDelay refuses a delay that cannot be told in nanoseconds since 1970; what lies in the past is no delay.
func checkDelay(d time.Duration) error {
	if d > maxDelay {
		return fmt.Errorf("a delay of %s is over %s, the longest there is", d, maxDelay)
	}
	return nil
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
		return false, fmt.Errorf("cancel %s: %w", id, errNoDelays)
	}
	found, err := b.Cancel(ctx, id)
	if err != nil {
		return false, fmt.Errorf("cancel %s: %w", id, err)
	}
	return found, nil
}

var errNoDelays = errors.New("the backend keeps no delayed events: use one that does, such as backends/memory")

// keepsDelays reports whether the backend keeps delayed events.
func (s *Spine) keepsDelays() bool {
	_, ok := s.backend.(contract.DelayingBackend)
	return ok
}

// checkDue takes away a due time that has come, and refuses one that the backend would not keep.
func (s *Spine) checkDue(m *Message, now int64) error {
	if m.Due <= now {
		m.Due = 0
		return nil
	}
	if !s.keepsDelays() {
		return errNoDelays
	}
	return nil
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

// applyEnvelope applies what a handler says of one emission to its message.
func (s *Spine) applyEnvelope(m *Message, envelope *contract.Envelope) error {
	if envelope.Key != "" {
		m.Key = envelope.Key
	}
	if len(envelope.Headers) > 0 {
		headers := make(map[string]string, len(m.Headers)+len(envelope.Headers))
		maps.Copy(headers, m.Headers)
		maps.Copy(headers, envelope.Headers)
		m.Headers = headers
	}
	now, delay := time.Now(), envelope.After
	if !envelope.At.IsZero() {
		if delay != 0 {
			return fmt.Errorf("%s has both a time, %s, and a delay, %s: set one of them", m.Type.Name, envelope.At, delay)
		}
		delay = envelope.At.Sub(now)
	}
	if err := checkDelay(delay); err != nil {
		return fmt.Errorf("%s: %w", m.Type.Name, err)
	}
	if delay <= 0 {
		return nil
	}
	if !s.keepsDelays() {
		return fmt.Errorf("%s: %w", m.Type.Name, errNoDelays)
	}
	m.Nanos = now.UnixNano() // the clock of other emissions may be late, so that the event would come early
	m.Due = m.Nanos + int64(delay)
	if delay >= freshHops {
		m.Hops = 0
	}
	return nil
}
