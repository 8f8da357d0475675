package contract

import "context"

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
	// Handle calls the handler and hands its emissions to out.
	Handle HandlerCall
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
}

// Add appends an event.
func (m *Emissions) Add(e Event) { m.Events = append(m.Events, e) }

// Reset forgets the events and keeps their memory and the headers, for another call of the handler.
func (m *Emissions) Reset() {
	clear(m.Events)
	m.Events = m.Events[:0]
}
