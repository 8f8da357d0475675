package contract

import "context"

// Backend is where events wait. Implementations are safe for concurrent use, and pass
// the suite in backends/backendtest.
//
// A message carries its typed event; only a backend that needs bytes encodes it. A
// backend keeps nothing of the slices that it is given after a call returns, and nothing of
// their Payloads: callers use them again.
type Backend interface {
	// Publish stores the messages for every organ that is bound to them, all or none: they are stored when it
	// returns no error. A message that no organ is bound to is parked, unless its type is an output. Publish waits
	// while the backend is full, until ctx is done; it returns ErrFull at once when nothing has started to
	// consume, or when the options say so. Its error matches ErrBackendUnavailable when
	// the backend cannot be reached, or answers that it does not serve now. A message whose name no organ could
	// subscribe to is refused (Message.Check). Without messages it does nothing.
	//
	// It returns which messages were not stored because they are duplicates; nil is none of them.
	Publish(ctx context.Context, msgs []Message, options PublishOptions) (Duplicates, error)
	// Subscribe binds all of a spine's organs in one step, and returns their consumers in
	// the same order. A parked event is handed to all organs that the call binds to it. An
	// error that no repetition mends is marked with Permanent: that of Subscription.Check, an
	// organ of another package, and an order or an exclusiveness that the backend cannot keep.
	Subscribe(ctx context.Context, subs []Subscription) ([]Consumer, error)
	// Health is one atomic look at the organs.
	Health(ctx context.Context) Health
	// Close releases what the backend holds. Every later call returns ErrClosed, but for
	// another Close: that does nothing and returns nil.
	Close() error
}

// OnePublisher is a Backend with a path for a single message, which needs no slice and so
// no allocation: 30 ns of 110 for a Publish on memory.
type OnePublisher interface {
	Backend
	// PublishOne does what Publish does with a slice of one, and reports whether the message was a duplicate. It gets no
	// message with Unique, of which the id of the stored event has to be told.
	PublishOne(ctx context.Context, m Message, options PublishOptions) (duplicate bool, err error)
}

// PublishOptions says how a Publish goes. The zero value lets it wait for room.
type PublishOptions struct {
	// NoWait makes a full backend return ErrFull at once. A spine sets it for a handler, because a handler that waits for
	// room may keep it from being made.
	NoWait bool
}

// Duplicates says for each message of a Publish, by its index, which event is stored in its place, by the id: the zero id
// for a message that is stored itself. A duplicate has an id that a caller chose (Message.Once) and that the backend
// remembers, or that of a delayed event that waits, and then the id is its own; or another event of its name and key is
// stored, and it is unique (Message.Unique). Nil is no duplicates.
type Duplicates []ID

// Has reports whether message i is a duplicate.
func (ds Duplicates) Has(i int) bool { return !ds.Of(i).IsZero() }

// Of returns the id of the event that is stored in the place of message i; the zero id when that is no duplicate.
func (ds Duplicates) Of(i int) ID {
	if ds == nil {
		return ID{}
	}
	return ds[i]
}

// With returns the duplicates of n messages with message i among them, for which the event with the id is stored. It changes
// ds, unless that is nil.
func (ds Duplicates) With(i, n int, id ID) Duplicates {
	if ds == nil {
		ds = make(Duplicates, n)
	}
	ds[i] = id
	return ds
}

// DelayingBackend is a Backend with a schedule. It stores a message with a Due once, in the step of the Publish or of the
// Settle that brings it, and routes it when it is due: to the organs that are bound to it then, with its own id, and to its
// park when there is none. The schedule outlives processes where the backend does. An event that waits there counts against
// the backend's limits as one delivery does. While an event waits, another delayed one with its id is not stored.
type DelayingBackend interface {
	Backend
	// Cancel takes the event with this id out of the schedule, and reports whether it was there. An event that is due may
	// have been routed by then: it is cancelled, or it is delivered, and never both. Cancel also forgets an id that a
	// caller chose (Message.Once), so that the event can be published again.
	Cancel(ctx context.Context, id ID) (bool, error)
}

// UniqueBackend is a Backend that stores of unique events (Message.Unique) one at a time of a name and a key; events
// without a key have one for all. It holds while an organ that the event was stored for has not settled it, and while the
// event waits for its time or in a park; and for Unique at most, from when the event is due. What releases it compares
// the event's id: the last acknowledgement or dead letter, Cancel, a park that lets the event go, and the removal of
// the last organ that has it. A retry and a decline do not, and a dead letter that is redriven is not unique any more.
type UniqueBackend interface {
	Backend
	KeepsUnique() bool
}

// PayloadBackend is a Backend that stores bytes. The spine encodes every message before it
// hands it over, so that an event which cannot be encoded, or is too large, is refused
// where it comes from.
type PayloadBackend interface {
	Backend
	NeedsPayload() bool
}

// FullnessReporter is a Backend with a limit that emissions can pass, because Settle never waits. Where
// a backend is one, the spine slows organs that emit more than they handle while it is over its limit,
// and pauses them before the server dies of it.
type FullnessReporter interface {
	Backend
	// Fullness returns how much the backend holds in parts of its limit: 1 at the limit at which
	// Publish waits or is refused, 0 when there is no limit. It is cheap, at most one round trip.
	Fullness(ctx context.Context) (float64, error)
}
