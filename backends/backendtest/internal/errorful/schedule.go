package errorful

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// schedule is how far a schedule has fired, and when a call named it last.
type schedule struct {
	firedUpTo int64
	named     time.Time
}

// FiredUpTo returns how far a schedule is.
func (b *Backend) FiredUpTo(_ context.Context, name string) (contract.ScheduleState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return contract.ScheduleState{}, contract.ErrClosed
	}
	return b.stateOf(name), nil
}

// stateOf notes that a schedule is named. One that was not named for long begins anew.
func (b *Backend) stateOf(name string) contract.ScheduleState {
	now := time.Now()
	s := b.schedules[name]
	if now.Sub(s.named) > contract.ScheduleMemory {
		s.firedUpTo = 0
	}
	s.named = now
	b.schedules[name] = s
	return contract.ScheduleState{FiredUpTo: s.firedUpTo, Now: now.UnixNano()}
}

// Fire stores ticks and moves their schedule, if it is where the firing says and the time has come.
func (b *Backend) Fire(_ context.Context, f contract.Firing) (contract.ScheduleState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return contract.ScheduleState{}, contract.ErrClosed
	}
	state := b.stateOf(f.Schedule)
	if state.FiredUpTo != f.After || f.UpTo <= f.After || f.UpTo > state.Now {
		return state, nil
	}
	for _, tick := range f.Ticks {
		b.store(tick)
	}
	b.schedules[f.Schedule] = schedule{f.UpTo, time.Unix(0, state.Now)}
	return contract.ScheduleState{FiredUpTo: f.UpTo, Now: state.Now, Fired: true}, nil
}
