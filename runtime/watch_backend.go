package necro

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// Bounds of how a run looks at its backend.
const (
	// troubleTick is how often a run in trouble asks whether the backend answers again.
	troubleTick = time.Second
	// troubleQuiet is how long no call has failed when trouble is over without one that succeeded: the
	// repetition of a failed call would have failed by then, and an organ at rest has no other calls.
	troubleQuiet = 2 * engine.CallBackoffMax
	// A run looks for forgotten events and organs when it is firstLook old, and every lookEvery from then on.
	firstLook = 5 * troubleTick
	lookEvery = time.Minute
)

// watchBackend looks at the backend until the run ends: whether trouble is over, and which events and organs are
// not handled. A Fetch that waits for events says nothing, so without this look an organ at rest would be in
// trouble for ever.
func (r *run) watchBackend(done <-chan struct{}) {
	ticker := time.NewTicker(troubleTick)
	defer ticker.Stop()
	next := time.Now().Add(firstLook)
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
		}
		if quiet, in := r.spine.engine.Calls.QuietFor(); in && quiet >= troubleQuiet && r.healthNow().Err == nil {
			r.spine.engine.Calls.NoteRecovery()
		}
		if now := time.Now(); !now.Before(next) {
			r.lookForForgotten()
			next = now.Add(lookEvery)
		}
	}
}

// lookForForgotten warns of events and organs that are not handled. When the backend does not answer, that is
// told elsewhere.
func (r *run) lookForForgotten() {
	if h := r.healthNow(); h.Err == nil {
		r.forgotten.lookAtParks(r.spine.config.log, &h)
		r.forgotten.lookAtOrgans(r.spine.config.log, &h)
	}
}

// healthNow is one look of bounded time at the backend.
func (r *run) healthNow() contract.Health {
	ctx, cancel := context.WithTimeout(r.Settling, engine.CallBackoffMax)
	defer cancel()
	return r.spine.backend.Health(ctx)
}
