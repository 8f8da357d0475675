package main

import (
	"context"
	"errors"

	necro "github.com/necrostack/necrogen/runtime"
)

// Journal keeps what Matching has applied, in order.
type Journal interface {
	// Append writes the next entry. It returns ErrBehind, and writes nothing, when the entry
	// before it is not the last one: another process has written, or this one, and the reply
	// was lost. With a checkpoint, the entries that it covers are taken away in the same step.
	Append(ctx context.Context, e Entry, due *Checkpoint) error
	// Load returns the latest checkpoint, or the zero one, and the entries behind it.
	Load(ctx context.Context) (Checkpoint, []Entry, error)
}

// Entry is an OrderAccepted or a CancelAccepted, with the id of the event. Entries are
// numbered from 1 on.
type Entry struct {
	Number uint64
	ID     necro.ID
	Event  necro.Event
}

// Checkpoint is what the books were after an entry.
type Checkpoint struct {
	Number uint64
	Books  []byte
}

// ErrBehind says that the journal has entries that the writer has not seen.
var ErrBehind = errors.New("the journal was written by somebody else")

// A checkpoint is made every so many entries, and written when the lag is over: so there are
// always as many entries behind it that tell what events were answered with. An event comes
// again only until it was settled, and at most one batch (512) of an exclusive organ is not.
const (
	checkpointEvery = 8192
	checkpointLag   = 1024
)
