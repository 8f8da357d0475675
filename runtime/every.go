package necro

import (
	"context"
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
	"github.com/necrostack/necrogen/runtime/internal/ticks"
)

// scheduled is an event that is published by itself, and an organ of this spine that handles it.
type scheduled struct {
	*ticks.Schedule
	organ *engine.Organ
}

// addSchedules finds the events that are published by themselves among those that the organs handle.
func (s *Spine) addSchedules() error {
	var errs []error
	known := map[*contract.EventType]bool{}
	for _, o := range s.organs {
		for _, r := range o.Routes() {
			if r.Event.Every == nil || known[r.Event] {
				continue
			}
			known[r.Event] = true
			schedule, err := ticks.New(r.Event, s.engine.Encodes)
			if _, ok := s.backend.(contract.TickingBackend); !ok {
				err = fmt.Errorf("event %s is to be published every %q, and the backend %T keeps no schedules: use one that does, such as backends/memory",
					r.Event.Name, r.Event.Every.Expression, s.backend)
			}
			errs = append(errs, err)
			s.schedules = append(s.schedules, scheduled{schedule, o})
		}
	}
	return errors.Join(errs...)
}

// keepSchedules fires the schedules until the run is told to stop. The organs are bound.
func (r *run) keepSchedules(<-chan struct{}) {
	s := r.spine
	keeper := ticks.Keeper{
		Log:       s.config.log,
		Succeeded: func(t *ticks.Schedule) { s.engine.Calls.NoteSuccess("fire "+t.Type.Name, "") },
		Failed: func(ctx context.Context, t *ticks.Schedule, err error) bool {
			return r.NoteFailedCall(ctx, "fire "+t.Type.Name, "", err)
		},
	}
	keeper.Backend, _ = s.backend.(contract.TickingBackend)
	for _, schedule := range s.schedules {
		schedule.Identity = schedule.organ.EventIdentity(schedule.Type.Name)
		keeper.Schedules = append(keeper.Schedules, schedule.Schedule)
	}
	keeper.Run(r.Fetching, func() { close(r.caughtUp) })
}
