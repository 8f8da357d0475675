package memory

import (
	"context"

	"github.com/necrostack/necrogen/runtime/contract"
)

// ticking is how far a schedule has fired. The backend's mutex guards it.
type ticking struct {
	firedUpTo int64 // nominal time, in nanoseconds since 1970
	named     int64 // when a call named the schedule last, by the wall clock
}

// FiredUpTo returns how far a schedule is.
func (b *Backend) FiredUpTo(_ context.Context, schedule string) (contract.ScheduleState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.routing.Load().closed {
		return contract.ScheduleState{}, contract.ErrClosed
	}
	return b.stateOfSchedule(schedule), nil
}

// stateOfSchedule notes that a schedule is named, and returns how far it is. It forgets those that were not named for long.
func (b *Backend) stateOfSchedule(schedule string) contract.ScheduleState {
	now := b.clock().UnixNano()
	for name, t := range b.every {
		if now-t.named > int64(contract.ScheduleMemory) {
			delete(b.every, name)
		}
	}
	t := b.every[schedule]
	if t == nil {
		return contract.ScheduleState{Now: now}
	}
	t.named = now
	return contract.ScheduleState{FiredUpTo: t.firedUpTo, Now: now}
}

// Fire stores the ticks of a schedule and moves it, if it is where the firing says and the time has come. It does not wait
// for room.
func (b *Backend) Fire(_ context.Context, f contract.Firing) (contract.ScheduleState, error) {
	ticks := f.Ticks
	if b.copies {
		var err error
		if ticks, err = b.encodeAll(ticks); err != nil {
			return contract.ScheduleState{}, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	r := route{routing: b.routing.Load()} // it stays while the mutex is held
	if r.closed {
		return contract.ScheduleState{}, contract.ErrClosed
	}
	state := b.stateOfSchedule(f.Schedule)
	if state.FiredUpTo != f.After || f.UpTo <= f.After || f.UpTo > state.Now {
		return state, nil
	}
	n := r.planMessages(ticks)
	if n > 0 && !b.door.countIn(n) {
		return contract.ScheduleState{}, contract.ErrFull
	}
	b.storePlanned(&r, ticks)
	b.every[f.Schedule] = &ticking{f.UpTo, state.Now}
	return contract.ScheduleState{FiredUpTo: f.UpTo, Now: state.Now, Fired: true}, nil
}
