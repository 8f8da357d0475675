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
				if _, err := r.backend.Fire(context.Background(), newSchedule(identity, t.Every, begun)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// newSchedule is the first step of a schedule, which fires nothing.
func newSchedule(identity string, every *contract.Schedule, begun time.Time) contract.Firing {
	wants := every.String()
	return contract.Firing{Schedule: identity, Claim: contract.ScheduleClaim{Wants: wants}, Bound: wants, UpTo: begun.UnixNano()}
}

// ticksLeft reports whether a tick has not been fired.
func (r *run) ticksLeft() bool {
	list, _ := r.backend.Schedules(context.Background()) // which has no error
	for _, s := range list {
		if s.FiredUpTo < r.ticks[s.Schedule].nominal {
			return true
		}
	}
	return false
}

// FiredUpTo returns how far a schedule is. It does not return when the schedule has fired in this run. No fault strikes the
// claims with which a program that has asked tells that it is alive: their number depends on how long a run lasts.
func (l *link) FiredUpTo(ctx context.Context, name string, claim contract.ScheduleClaim) (state contract.ScheduleState, err error) {
	ask := func() (err error) {
		if l.hasCrashed() {
			return necro.ErrClosed
		}
		state, err = l.r.backend.FiredUpTo(ctx, name, claim)
		return err
	}
	if l.hasAsked(name) {
		err = ask()
	} else {
		err = l.makeCall(l.program.name+" "+name, opFiredUpTo, func() string { return "" }, ask)
	}
	first := l.r.ticks[name]
	if err == nil && state.FiredUpTo >= first.nominal {
		return state, l.awaitEnd(ctx)
	}
	state.Now = min(state.Now, first.latest)
	return state, err
}

// Schedules returns the records of all schedules. The spine does not ask for them.
func (l *link) Schedules(ctx context.Context) ([]contract.ScheduleRecord, error) {
	return l.r.backend.Schedules(ctx)
}

// hasAsked reports whether the program has asked for a schedule before, and notes that it has.
func (l *link) hasAsked(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	asked := l.asked[name]
	l.asked[name] = true
	return asked
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
