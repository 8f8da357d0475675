package contract

import (
	"errors"
	"maps"
	"time"

	"github.com/necrostack/necrogen/internal/freeze"
)

// Message is an event in its envelope. Messages are values; the memory they point to is never changed once it
// was handed to a backend, but for the bytes of Payload (see Backend).
type Message struct {
	// ID is the event's identity.
	ID ID
	// Correlation is the id of the chain's first event.
	Correlation ID
	// Causation is the id of the parent event; zero for a published one.
	Causation ID

	// Type is never nil. A backend that reads a name or a version which it cannot look
	// up sets a type that has only Name and Version.
	Type *EventType
	// Event is the typed event; nil when the backend has only bytes.
	Event Event
	// Payload is the encoded event; nil when the backend never encoded it.
	Payload []byte

	// Key groups related events; empty for none.
	Key string
	// Headers travel with the chain; nil for none.
	Headers map[string]string
	// Nanos is when the event was published or emitted, in nanoseconds since 1970, exact to
	// some milliseconds.
	Nanos int64
	// Due is when the event is to be routed to the organs that are bound to it then, in nanoseconds since 1970; 0
	// is at once. Only a DelayingBackend takes a message with it. It is 0 in every delivery.
	Due int64
	// Hops is the number of steps from the published event, whose own is 0. An event with a delay of a second or
	// more begins at 0 again.
	Hops int32
	// Reserve is how many hops the chain may go beyond the maximum of an organ: more than 0 where a give-up handler has
	// emitted the event, or one in front of it in the chain.
	Reserve int32
	// Once says that the caller chose the ID: the backend remembers it for a while and
	// stores a second message with it no more.
	Once bool
	// Remember is for how long the backend remembers the ID of a message with Once at least; 0 is [DefaultMemory], of which a
	// backend may take some away when there are very many ids. With Remember it never forgets an id early: when it can
	// remember no more, Publish stores nothing and returns [ErrIDsFull].
	Remember time.Duration
	// Unique says that of this name and key one event at a time is stored, and for how long at most; 0 is no such thing.
	// Only a [UniqueBackend] takes a published message with it. An emission has none.
	Unique time.Duration
}

// MaxUnique bounds Message.Unique.
const MaxUnique = 366 * 24 * time.Hour

// DefaultMemory is for how long a backend remembers the id of a message with Once and without Remember.
const DefaultMemory = 10 * time.Minute

// Memory returns for how long the backend remembers the message's id; 0 without Once.
func (m *Message) Memory() time.Duration {
	switch {
	case !m.Once:
		return 0
	case m.Remember > 0:
		return m.Remember
	}
	return DefaultMemory
}

// Time returns when the event was published or emitted.
func (m *Message) Time() time.Time { return time.Unix(0, m.Nanos) }

// SetHeader sets a header of this message alone: others may share the map that it had.
func (m *Message) SetHeader(key, value string) {
	headers := make(map[string]string, len(m.Headers)+1)
	maps.Copy(headers, m.Headers)
	headers[key] = value
	m.Headers = headers
}

// Encoded returns the message's payload; it encodes the typed event when there is none. A panic
// in the event's own codec is an error, and so is an error of it that panics when it is read:
// backends encode where nothing else would catch it.
func (m *Message) Encoded() (payload []byte, err error) {
	if m.Payload != nil || m.Event == nil {
		return m.Payload, nil
	}
	defer func() {
		if v := recover(); v != nil {
			payload, err = nil, errors.New(freeze.PanicText(v))
		}
	}()
	if payload, err = m.Event.AppendMsgpack(nil); err != nil {
		return nil, freeze.Error(err)
	}
	return payload, nil
}

// Check refuses a message whose type no organ could ever be bound to: one with a name that
// Subscription.Check refuses. Every backend's Publish calls it.
func (m *Message) Check() error { return checkName("event", m.Type.Name) }
