package contract

// Event is an annotated struct. All four methods are generated; a type that merely
// embeds an event is refused by Publish.
//
// An event is immutable once it was published, emitted or handed to a handler.
type Event interface {
	// NecroEvent returns the event's descriptor. It may be called on a nil pointer.
	NecroEvent() *EventType
	// Validate returns nil, or a *ValidationError that lists every violation.
	Validate() error
	// AppendMsgpack appends the event's encoding to b.
	AppendMsgpack(b []byte) ([]byte, error)
	// ReadMsgpack replaces the event by the one at the beginning of b, and returns the rest of b.
	ReadMsgpack(b []byte) (rest []byte, err error)
}

// EventType describes one version of one event. Generated code declares one for each
// event; it is never changed afterwards, so it may be used concurrently.
type EventType struct {
	// Name is the event's name on the wire.
	Name string
	// Version is at least 1.
	Version int
	// Aliases are former names, under which stored events are still read.
	Aliases []string
	// Fingerprint is a hash of the wire shape: names, kinds and order of the fields.
	Fingerprint uint64
	// Output says that no handler is expected.
	Output bool
	// Undo is the name of the event that takes this one back; empty for none. A handler that emits this one keeps that one
	// beside it.
	Undo string
	// Every says when the zero event is published by itself; nil for never.
	Every *Schedule

	// New returns a pointer to a zero event.
	New func() Event
	// Is reports whether e is exactly this type: not nil, and not one that embeds it.
	Is func(e Event) bool
	// Key returns the value that groups related events. It is nil without key=.
	Key func(e Event) string
	// Upcast turns an event of this version into the next one. It is nil for the newest.
	Upcast func(e Event) (Event, error)
	// Previous is the version before this one, or nil.
	Previous *EventType
}

// API1 is the level of the interface between generated code and this package. Generated
// code refers to the level that it needs, so that a runtime that is too old for it does
// not compile.
const API1 = 1

// API2 is the level with wire.ManyFields and functions for pointers.
const API2 = 2

// API3 is the level with Emissions.AddWith and Route.Delays.
const API3 = 3

// API4 is the level with OrganSpec.State, Emissions.State, Emissions.Ends and EventType.Every.
const API4 = 4

// API5 is the level with Route.GiveUp and Emissions.Death.
const API5 = 5

// API6 is the level with Route.Timers, and Timer.AddTo of package necro.
const API6 = 6

// API7 is the level with EventType.Undo, Route.Undos, Route.Compensates, Emissions.Compensates, and Undo.AddTo of package
// necro.
const API7 = 7

// API8 is the level with Route.HandleBatch.
const API8 = 8
