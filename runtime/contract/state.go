package contract

import (
	"context"
	"time"
)

// State is an annotated struct that an organ keeps for each key. Its methods are generated.
//
// A handler gets a value of its own, which it may change. What the last step of a key left is stored as bytes, so a value
// that a handler kept is never seen by another one.
type State interface {
	// NecroState returns the state's descriptor. It may be called on a nil pointer.
	NecroState() *StateType
	// Validate returns nil, or a *ValidationError that lists every violation.
	Validate() error
	// AppendMsgpack appends the state's encoding to b.
	AppendMsgpack(b []byte) ([]byte, error)
	// ReadMsgpack replaces the state by the one at the beginning of b, and returns the rest of b.
	ReadMsgpack(b []byte) (rest []byte, err error)
}

// StateType describes one version of the state of an organ. Generated code declares one for each state; it is never
// changed afterwards, so it may be used concurrently.
type StateType struct {
	// Name is the state's name, for people and for checks: a stored record is found by organ and key.
	Name string
	// Organ is the name of the organ that keeps it.
	Organ string
	// Version is at least 1. It is stored with each value.
	Version int
	// Fingerprint is a hash of the wire shape: names, kinds and order of the fields.
	Fingerprint uint64
	// TTL is how long a record lives after its last write. 0 is for ever.
	TTL time.Duration

	// New returns a pointer to a zero state.
	New func() State
	// Upcast turns a state of this version into the next one. It is nil for the newest.
	Upcast func(s State) (State, error)
	// Previous is the version before this one, or nil.
	Previous *StateType
}

// StateRecord is what a backend keeps for one key of an organ with state. The zero value stands for a key without a record.
type StateRecord struct {
	// Mark names the write that left this value. It is 0 where there is no record, or its time is over.
	Mark uint64
	// Version is the version of the state's type that the value is encoded in.
	Version int
	// Value is the encoded state. The caller may keep it, and does not change it.
	Value []byte
}

// StateWrite is what an outcome does with the record of its delivery's key. A backend applies it in the atomic step of the
// outcome, and only when the record has the mark Read then; an outcome before it in the same call counts as applied where it
// was. Otherwise nothing of the outcome happens: its result is ResultConflict.
//
// The caller chooses the marks, at random, so that it knows the mark of a write before that is settled: a worker can run
// the next delivery of a key on the state that an unsettled one has left. When the one in front is not applied, the mark
// that those behind it have read never comes to be, and they conflict as well. No mark is used twice, so a record that was
// removed and made again is not taken for the old one. A backend may write a key once for a call: with the value of the last
// outcome that was applied.
type StateWrite struct {
	// Read is the mark of the record that the handler was given; 0 for none.
	Read uint64
	// Write is the mark of the new record. 0 removes the record.
	Write uint64
	// Version and Value are those of the new record. Value is memory of its own, which the backend may keep and the caller
	// does not change.
	Version int
	Value   []byte
	// TTL is how long the new record lives, by the backend's clock. 0 is for ever.
	TTL time.Duration
}

// StatefulBackend is a Backend that keeps states: it applies Outcome.State, and takes a Subscription with a State. Its
// RemoveOrgan (see [Admin]) removes the records of the organ, too.
type StatefulBackend interface {
	Backend
	// LoadStates returns the records of some keys of an organ, in the order of the keys. An organ that is not known is
	// ErrNoOrgan.
	LoadStates(ctx context.Context, organ string, keys []string) ([]StateRecord, error)
	// RangeStates returns a page of an organ's records, in the order of the backend, which is the same for every page.
	// after is where the page before ended, empty for the first; next is empty behind the last page. A page may have fewer
	// than limit records, and none. Records that come or go meanwhile may be missed; every other one is listed once. A
	// limit below 1 is an error, and so is an after that no page has returned, where the backend can tell.
	RangeStates(ctx context.Context, organ, after string, limit int) (page []KeyedState, next string, err error)
}

// KeyedState is a record with its key.
type KeyedState struct {
	Key string
	StateRecord
}
