package necro

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// Meta is the envelope of the event that a handler was given.
type Meta struct {
	ID          ID // of the event
	Correlation ID // of the chain's first event
	Causation   ID // of the parent; zero for a published event
	// DeliveryID is the same for every attempt: what a handler with effects outside of the
	// topology is idempotent with.
	DeliveryID ID
	Type       string
	Version    int
	Organ      string
	Key        string
	Time       time.Time
	Due        time.Time // the nominal time of a tick of //necro:every; zero for other events
	Hops       int
	Attempt    int               // 1 for the first
	Headers    map[string]string // not to be changed
}

// MetasFrom returns the envelopes of the events that a batch handler was called with, by their positions; of another handler
// that of its only event. It takes the same contexts as MetaFrom.
func MetasFrom(ctx context.Context) (metas []Meta, ok bool) {
	envelopes, ok := engine.EnvelopesFrom(ctx)
	for _, envelope := range envelopes {
		metas = append(metas, Meta(envelope))
	}
	return metas, ok
}

// MetaFrom returns the envelope of the event that is being handled; none to a batch handler, which asks MetasFrom. It takes the handler's
// context, or one that descends from it. After the handler returned it works only for a
// context of which something was asked before: its envelope, or its Done channel, as
// every context does that is derived from it.
func MetaFrom(ctx context.Context) (Meta, bool) {
	envelope, ok := engine.EnvelopeFrom(ctx)
	return Meta(envelope), ok
}
