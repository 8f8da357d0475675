package contract

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Organ is an annotated struct with handlers. Its method is generated.
type Organ interface {
	NecroOrgan() OrganSpec
}

// OrganSpec is what generated code says of an organ: its durable name, its policy and
// its dispatch table.
type OrganSpec struct {
	// Name is the name of the organ's durable subscription.
	Name string
	// Aliases are former names.
	Aliases []string
	// Path is the import path of the organ's package.
	Path string
	// Policy holds what the directive says. A zero field was not written.
	Policy Policy
	// Routes holds one route for each event that the organ handles.
	Routes []Route
	// State is the newest version of the organ's state; nil for an organ without.
	State *StateType
}

// Route is one handler for one event.
type Route struct {
	// Event is the newest version of the event.
	Event *EventType
	// Method is the name of the handler.
	Method string
	// Policy holds what the handler's own directive says. A zero field was not written.
	Policy Policy
	// Emits are the events that the handler may emit.
	Emits []*EventType
	// Delays says that the handler may emit some of them with a delay.
	Delays bool
	// Timers are the events of the timers that the handler may start or stop. The organ handles each of them with its
	// state.
	Timers []*EventType
	// Undos are the events that the handler may keep in the record, to be emitted by a handler that compensates.
	Undos []*EventType
	// Compensates says that the handler may emit all undos that the record keeps.
	Compensates bool
	// State says that the handler takes the organ's state.
	State bool
	// Handle calls the handler and hands its emissions to out.
	Handle HandlerCall
	// HandleBatch calls a handler that takes several events at a time, in place of Handle; nil for one that takes one.
	HandleBatch BatchCall
	// GiveUp is called when a delivery of the event is given up, and finds the reason in Emissions.Death; nil for no such
	// handler. Its Event is the same, its Policy is not read, and it has no GiveUp of its own.
	GiveUp *Route
}

// HandlerCall calls a handler of an organ with an event of its route, and hands its emissions to out.
type HandlerCall func(ctx context.Context, e Event, out *Emissions) error

// Emissions collects what one call of a handler emits. Generated code fills it through [Emissions.Add], and the
// engine reads it when the handler has returned: only one of them has it at a time.
type Emissions struct {
	// Events are in the order in which they were emitted.
	Events []Event
	// Headers are those of all of them; nil for those of the event that is handled.
	Headers map[string]string
	// Envelopes are those of the events that came with one, in the order of the events.
	Envelopes []Envelope
	// State is what the organ keeps for the key of the event; a handler without state has nothing to do with it. The
	// engine sets it before the call, the handler changes it, and what it has become is stored with the events.
	State State
	// Death says why the delivery is given up. The engine sets it before the call of a Route.GiveUp; it is nil otherwise.
	Death *Death
	// Ends says that the handler ends the record of the key: it is removed in place of being stored.
	Ends bool
	// Timers are what the handler does with the timers of the record: one change at most for each event.
	Timers []TimerChange
	// Undos are what the handler keeps in the record, behind what is kept there.
	Undos []Event
	// Compensates says that the handler emits what the record keeps, the last one first, and takes it out of the record.
	Compensates bool
}

// TimerChange starts or stops the timer that a record has for one event.
type TimerChange struct {
	// Type is that of the timer's event.
	Type *EventType
	// Event is what the organ is handed when the timer fires; nil stops the timer.
	Event Event
	// After is how long the timer runs. Its event is due at once where that is 0 or less.
	After time.Duration
}

// Envelope is what a handler says of one of its emissions. The zero value says nothing.
type Envelope struct {
	// After and At say when the event is due: that long after the emission, or at that time. One of them at most is
	// set, and a time that has come by then is no delay.
	After time.Duration
	At    time.Time
	// Key replaces the value of the event's key field; an empty one does not.
	Key string
	// Headers are added to those of the other emissions, and replace those of the same name.
	Headers map[string]string

	index int // of the event in Emissions.Events
}

// Add appends an event.
func (m *Emissions) Add(e Event) { m.Events = append(m.Events, e) }

// AddWith appends an event that has an envelope of its own.
func (m *Emissions) AddWith(e Event, envelope Envelope) {
	envelope.index = len(m.Events)
	m.Envelopes = append(m.Envelopes, envelope)
	m.Events = append(m.Events, e)
}

// AddAll appends the events of others with their envelopes.
func (m *Emissions) AddAll(others *Emissions) {
	for i, e := range others.Events {
		if envelope := others.EnvelopeOf(i); envelope != nil {
			m.AddWith(e, *envelope)
		} else {
			m.Add(e)
		}
	}
}

// SetTimer adds what the handler does with a timer, in place of what it wanted for the same event before.
func (m *Emissions) SetTimer(c TimerChange) {
	for i := range m.Timers {
		if m.Timers[i].Type == c.Type {
			m.Timers[i] = c
			return
		}
	}
	m.Timers = append(m.Timers, c)
}

// EnvelopeOf returns the envelope that the event at an index came with, or nil.
func (m *Emissions) EnvelopeOf(index int) *Envelope {
	if len(m.Envelopes) == 0 {
		return nil
	}
	at, found := slices.BinarySearchFunc(m.Envelopes, index, func(e Envelope, index int) int { return cmp.Compare(e.index, index) })
	if !found {
		return nil
	}
	return &m.Envelopes[at]
}

// Reset forgets the events and keeps their memory, the headers and the state, for another call of the handler.
func (m *Emissions) Reset() {
	m.Ends, m.Compensates = false, false
	clear(m.Events)
	m.Events = m.Events[:0]
	clear(m.Envelopes)
	m.Envelopes = m.Envelopes[:0]
	clear(m.Timers)
	m.Timers = m.Timers[:0]
	clear(m.Undos)
	m.Undos = m.Undos[:0]
}
