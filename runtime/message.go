package necro

import (
	"errors"
	"fmt"
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
	// Hops is the number of steps from the published event, whose own is 0.
	Hops int32
	// Once says that the caller chose the ID: the backend remembers it for a while and
	// stores a second message with it no more.
	Once bool
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

// Delivery is one message handed to one organ, for one attempt.
type Delivery struct {
	Message

	// Ref and Tag are the backend's own marks: where the delivery is stored, and under which
	// lease.
	Ref any
	Tag uint64

	// Declined is when the delivery was declined first, in nanoseconds since 1970; 0 for
	// never. Declines counts how often it was.
	Declined int64
	Declines int32
	// Attempts counts the failed attempts of this delivery that were settled.
	Attempts int32
	// Crashes counts how often the delivery was marked as started (see Consumer.Extend)
	// and came back without a settle: the first time it may have run beside other suspects,
	// later it ran alone.
	Crashes int32
	// Suspect says that an earlier consumer fetched this delivery and neither settled nor
	// released it: it may have crashed its process.
	Suspect bool
}

// OutcomeKind says what became of a delivery.
type OutcomeKind int

const (
	// OutcomeAck: the delivery is done; Emit is stored.
	OutcomeAck OutcomeKind = iota
	// OutcomeRetry: the delivery failed; it comes back after Delay with one more attempt counted.
	OutcomeRetry
	// OutcomeDecline: this program has no handler for it; it comes back after Delay, no
	// attempt is counted.
	OutcomeDecline
	// OutcomeDead: the delivery is given up and becomes a dead letter.
	OutcomeDead
)

// Outcome is what became of one delivery. Settle applies it as one atomic step.
type Outcome struct {
	Delivery *Delivery
	Kind     OutcomeKind
	// Emit is stored with an OutcomeAck, in order, for the organs that are bound to it.
	Emit []Message
	// Delay is how long an OutcomeRetry or an OutcomeDecline waits.
	Delay time.Duration
	// Death says why an OutcomeDead gives up, which must have one; nil otherwise.
	Death *Death
}

// Check refuses an outcome that says nothing a backend could apply. Every backend's Settle calls
// it for all outcomes of a call, before it applies the first.
func (o *Outcome) Check() error {
	if o.Delivery != nil && uint(o.Kind) < uint(OutcomeDead) {
		return nil
	}
	return o.refuse()
}

// refuse returns why an outcome cannot be applied, and nil for one that is given up and says why.
func (o *Outcome) refuse() error {
	switch {
	case o.Delivery == nil:
		return errors.New("settle: an outcome has no delivery")
	case o.Kind != OutcomeDead:
		return fmt.Errorf("settle %s %s: its outcome is of the unknown kind %d", o.Delivery.Type.Name, o.Delivery.ID, o.Kind)
	case o.Death == nil:
		return fmt.Errorf("settle %s %s: it is given up without a Death, which says why", o.Delivery.Type.Name, o.Delivery.ID)
	}
	return nil
}

// Death says why a delivery was given up.
type Death struct {
	Reason Reason
	Error  string
	Stack  string // of a panic; empty otherwise
	// Halt pauses the organ for all processes in the same step.
	Halt bool
}

// Reason says in a word why a delivery was given up.
type Reason string

const (
	ReasonExhausted   Reason = "exhausted"    // every attempt failed
	ReasonPermanent   Reason = "permanent"    // the handler returned Permanent(err)
	ReasonInvalid     Reason = "invalid"      // the event breaks its rules
	ReasonUndecodable Reason = "undecodable"  // its bytes are not its type's
	ReasonMaxHops     Reason = "maxhops"      // its chain is too long
	ReasonEmission    Reason = "emission"     // an emission is invalid, or there are too many
	ReasonCrashed     Reason = "crashed"      // its process died three times while it ran alone
	ReasonUnknownType Reason = "unknown_type" // no program took it in time
)

// DeadLetter is a delivery that was given up, kept with its reason.
type DeadLetter struct {
	// ID names the dead letter in its organ, for Redrive and Discard: the delivery id.
	ID    ID
	Organ string
	// Message is the event with its envelope. Payload holds the raw bytes.
	Message Message
	// Attempts counts the failed attempts before the last one.
	Attempts int
	Death
	// Time is when it was given up.
	Time time.Time
}
