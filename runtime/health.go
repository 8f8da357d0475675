package necro

import (
	"cmp"
	"context"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// SpineHealth is what a spine says of itself and of its backend.
type SpineHealth struct {
	// Err is nil when the spine can work: the backend answers, and no organ is stuck.
	Err error
	// Running says that Run or Drain serves: the organs are bound, and were not told to stop.
	Running bool
	// Backend is the backend's own view.
	Backend contract.Health
	// Organs holds one entry for each organ of this spine.
	Organs []OrganState
}

// OrganState is the state of an organ in this process.
type OrganState struct {
	Organ string
	// Identity is the name under which the backend knew the organ first; empty when that is Organ.
	Identity string
	// Abandoned is the number of slots that are taken by handlers which ignore their
	// cancelled context; Stuck says that these are all it has.
	Abandoned int
	Stuck     bool
	// Open says that the breaker pauses the organ.
	Open bool
	// Slowed says that the organ emits more than it handles, and waits because the backend is over its
	// limit (see FullnessReporter).
	Slowed bool
	// Waits says which order the organ's annotations ask for, or which times those of its events, and what that waits for;
	// empty when they are in effect. Until then the organ runs under the order, and the events have the times, that are bound.
	Waits string
}

// Health looks at the backend and at the organs of this process.
func (s *Spine) Health(ctx context.Context) SpineHealth {
	h := SpineHealth{Running: s.Running(), Backend: s.backend.Health(ctx), Organs: s.Organs()}
	h.Err = h.Backend.Err
	if h.Err == nil {
		h.Err = s.engine.Calls.LastError()
	}
	for _, o := range h.Organs {
		if o.Stuck && h.Err == nil {
			h.Err = &stuckError{o.Organ}
		}
	}
	return h
}

// Running reports whether Run or Drain serves. It asks no backend, and never waits for one.
func (s *Spine) Running() bool { return s.engine.IsRunning() }

// Organs returns the state of this spine's organs in this process. It asks no backend, and
// never waits for one.
func (s *Spine) Organs() []OrganState {
	states := make([]OrganState, len(s.organs))
	for i, o := range s.organs {
		states[i] = organState(o)
	}
	for _, schedule := range s.schedules {
		states[slices.Index(s.organs, schedule.organ)].addWaiting(schedule.Waits())
	}
	return states
}

// IsOf reports whether the backend's view is one of the same organ, whose names may differ while
// two releases run.
func (s OrganState) IsOf(h contract.OrganHealth) bool {
	return cmp.Or(s.Identity, s.Organ) == cmp.Or(h.Identity, h.Organ)
}

type stuckError struct{ organ string }

func (e *stuckError) Error() string {
	return "organ " + e.organ + ": all slots are taken by handlers that ignore their cancelled context"
}

// addWaiting adds something that the organ's annotations wait for.
func (s *OrganState) addWaiting(text string) {
	if s.Waits != "" && text != "" {
		s.Waits += "; "
	}
	s.Waits += text
}

// organState is the state of an organ as users see it.
func organState(o *engine.Organ) OrganState {
	now := o.State()
	state := OrganState{Organ: o.Name, Open: now.Open, Slowed: now.Slowed, Waits: now.Waits, Abandoned: now.Abandoned}
	if now.Identity != o.Name {
		state.Identity = now.Identity
	}
	state.Stuck = now.Workers > 0 && now.Abandoned == now.Workers
	return state
}
