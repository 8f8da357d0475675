package necro

import (
	"log/slog"
	"sync"

	"github.com/necrostack/necrogen/runtime/contract"
)

// forgotten remembers which unhandled things were told, so that each is told once in a run: events that wait for
// a first organ, events that were let go, and organs that no process runs.
type forgotten struct {
	mu      sync.Mutex // guards the rest: Drain looks, too
	parked  map[string]bool
	dropped map[string]bool
	idle    map[string]bool // organs without a process at the last look; true once it was told
}

// lookAtParks warns of the first event of a name that is parked, and of the first that was let go.
func (f *forgotten) lookAtParks(log *slog.Logger, h *contract.Health) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.parked == nil {
		f.parked, f.dropped = map[string]bool{}, map[string]bool{}
	}
	for _, p := range h.Parked {
		if p.Parked > 0 && !f.parked[p.Event] {
			log.Warn("events wait for an organ that handles them: start one, or declare the event an output",
				"event_type", p.Event, "parked", p.Parked)
		}
		if p.Dropped > 0 && !f.dropped[p.Event] {
			log.Warn("events were dropped: no organ handles them, and their park is full",
				"event_type", p.Event, "dropped", p.Dropped)
		}
		f.parked[p.Event], f.dropped[p.Event] = p.Parked > 0, p.Dropped > 0
	}
}

// lookAtOrgans warns of organs that no process runs. One must be seen so in two looks, because between
// the two processes of a rollout there is none for a moment.
func (f *forgotten) lookAtOrgans(log *slog.Logger, h *contract.Health) {
	f.mu.Lock()
	defer f.mu.Unlock()
	idle := map[string]bool{}
	for _, o := range h.Organs {
		if o.Consumers > 0 {
			continue
		}
		told, seen := f.idle[o.Organ]
		if seen && !told {
			log.Warn("no process runs an organ that is bound: start one, or remove the organ",
				"organ", o.Organ, "waiting", o.Ready+o.Leased+o.Scheduled)
		}
		idle[o.Organ] = seen
	}
	f.idle = idle
}
