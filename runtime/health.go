package necro

import "context"

// SpineHealth is what a spine says of itself and of its backend.
type SpineHealth struct {
	// Err is nil when the spine can work: the backend answers, and no organ is stuck.
	Err error
	// Backend is the backend's own view.
	Backend Health
	// Organs holds one entry for each organ of this spine.
	Organs []OrganState
}

// OrganState is the state of an organ in this process.
type OrganState struct {
	Organ string
	// Abandoned is the number of slots that are taken by handlers which ignore their
	// cancelled context; Stuck says that these are all it has.
	Abandoned int
	Stuck     bool
	// Open says that the breaker pauses the organ.
	Open bool
}

// Health looks at the backend and at the organs of this process.
func (s *Spine) Health(ctx context.Context) SpineHealth {
	h := SpineHealth{Backend: s.backend.Health(ctx)}
	h.Err = h.Backend.Err
	if h.Err == nil {
		h.Err = s.calls.err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.organs {
		state := o.state()
		h.Organs = append(h.Organs, state)
		if state.Stuck && h.Err == nil {
			h.Err = &stuckError{o.name}
		}
	}
	return h
}

type stuckError struct{ organ string }

func (e *stuckError) Error() string {
	return "organ " + e.organ + ": all slots are taken by handlers that ignore their cancelled context"
}

func (o *organ) state() OrganState {
	state := OrganState{Organ: o.name, Open: o.breaker.open()}
	for _, w := range o.workers {
		if w.pos.Load() == abandoned {
			state.Abandoned++
		}
	}
	state.Stuck = len(o.workers) > 0 && state.Abandoned == len(o.workers)
	return state
}
