package necrotest

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/internal/schedule"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Schedules of a run fire once: the first tick behind the beginning of the run, if it comes within a day. How many more would
// follow depends on how long a run lasts, which faults change.

// firstTick is the tick of a schedule that fires in a run.
type firstTick struct {
	nominal int64
	latest  int64 // its jitter included
}

// beginSchedules lets the backend know all schedules of the run, as if they had fired up to its beginning.
func (r *run) beginSchedules() error {
	begun := time.Now()
	r.ticks = map[string]firstTick{}
	for _, p := range r.programs {
		for _, o := range p.next {
			for _, route := range o.NecroOrgan().Routes {
				t := route.Event
				if t.Every == nil {
					continue
				}
				plan, err := schedule.Parse(t.Every.Expression, t.Every.Zone)
				if err != nil {
					return err
				}
				identity := t.Name
				if n := len(t.Aliases); n > 0 {
					identity = t.Aliases[n-1]
				}
				next := plan.Next(begun)
				if next.IsZero() || next.Sub(begun) > maxDelays {
					next = begun // it does not fire
				}
				r.ticks[identity] = firstTick{next.UnixNano(), next.UnixNano() + int64(t.Every.Jitter)}
				if _, err := r.backend.Fire(context.Background(), contract.Firing{Schedule: identity, UpTo: begun.UnixNano()}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// ticksLeft reports whether a tick has not been fired.
func (r *run) ticksLeft() bool {
	for name, first := range r.ticks {
		if state, err := r.backend.FiredUpTo(context.Background(), name); err == nil && state.FiredUpTo < first.nominal {
			return true
		}
	}
	return false
}

// FiredUpTo returns how far a schedule is. It does not return when the schedule has fired in this run.
func (l *link) FiredUpTo(ctx context.Context, name string) (state contract.ScheduleState, err error) {
	err = l.makeCall(l.program.name+" "+name, opFiredUpTo, func() string { return "" }, func() (err error) {
		state, err = l.r.backend.FiredUpTo(ctx, name)
		return err
	})
	first := l.r.ticks[name]
	if err == nil && state.FiredUpTo >= first.nominal {
		return state, l.awaitEnd(ctx)
	}
	state.Now = min(state.Now, first.latest)
	return state, err
}

// Fire fires the tick of a schedule. It does not return when the schedule has fired in this run.
func (l *link) Fire(ctx context.Context, f contract.Firing) (state contract.ScheduleState, err error) {
	if f.After >= l.r.ticks[f.Schedule].nominal {
		return state, l.awaitEnd(ctx)
	}
	err = l.makeCall(l.program.name+" "+f.Schedule, opFire, func() string { return tellMessages(f.Ticks) }, func() (err error) {
		state, err = l.r.backend.Fire(ctx, f)
		if state.Fired {
			l.r.record.recordPublished(f.Ticks, "")
		}
		return err
	})
	return state, err
}

// awaitEnd waits until the caller gives up, or its program has crashed.
func (l *link) awaitEnd(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.gone:
		return necro.ErrClosed
	}
}
