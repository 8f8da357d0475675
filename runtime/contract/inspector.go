package contract

import "context"

// Inspector is a Backend that shows an operator more than its Health. Its methods may be called concurrently with
// everything else, and change nothing that is stored. After Close they return ErrClosed.
type Inspector interface {
	Backend
	// Bound returns the names of the events that organs are bound to, each with the names under which these organs were
	// bound last, sorted. An event without an organ is not among them.
	Bound(ctx context.Context) (map[string][]string, error)
	// EachStored calls visit with every event that is stored and not done, until visit returns false or ctx is done; it
	// returns the error of ctx then. An event is visited once for each organ that it is stored for, and once in a schedule
	// or a park. EachStored reads page by page while others work: an event that comes, goes or moves meanwhile may be
	// missing, or be visited twice. What cannot be read as an event is left out. visit may call the backend.
	EachStored(ctx context.Context, visit func(Stored) (more bool)) error
	// Tail calls visit with every event that is stored from now on for an organ, or in a park, until visit returns
	// false or ctx is done: both end it without an error. It takes nothing from any organ. An event is visited once for
	// each organ; a delayed one when it is routed, and a retry not again. An event may be missing that was handled some
	// milliseconds after it was stored, or that came while visit was thousands of events behind. visit is never called
	// by two goroutines at a time, and may call the backend.
	Tail(ctx context.Context, visit func(Stored) (more bool)) error
	// Diagnose looks for what endangers the guarantees and for what an operator should look at, severe findings first:
	// at least those of Health.Findings. It also looks at a server that the backend refuses to work with.
	Diagnose(ctx context.Context) ([]Finding, error)
}

// BindingInspector is an Inspector of a backend whose bindings outlive processes.
type BindingInspector interface {
	Inspector
	// Bindings returns how the organs are bound, by the names under which they were bound last: identity, order, exclusive and lanes.
	// Binding.Events is nil.
	Bindings(ctx context.Context) (map[string]Binding, error)
}

// The places where a stored event waits.
const (
	PlaceReady     = "ready or leased" // for an organ, which may have it in hand
	PlaceHeldBack  = "held back"       // behind a failed delivery of its key
	PlaceScheduled = "scheduled"       // a retry or a decline of an organ, or a delayed event of none
	PlaceDead      = "dead"            // a dead letter of an organ
	PlaceParked    = "parked"          // for the first organ that binds its name
)

// Stored is an event that waits in a backend.
type Stored struct {
	// Place is one of the constants that begin with that word.
	Place string
	// Organ is whose delivery it is, by the name that was bound last; empty for a delayed or a parked event.
	Organ string
	// Message is the event with its envelope. Payload holds its bytes where it can be encoded, and Due is 0.
	Message Message
}
