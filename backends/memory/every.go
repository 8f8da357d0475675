package memory

import (
	"context"
	"maps"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// FiredUpTo takes in a claim, and returns how far a schedule is.
func (b *Backend) FiredUpTo(_ context.Context, schedule string, claim contract.ScheduleClaim) (contract.ScheduleState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.routing.Load().closed {
		return contract.ScheduleState{}, contract.ErrClosed
	}
	record, now := b.claimSchedule(schedule, claim)
	return record.StateAt(now, false), nil
}

// claimSchedule returns the record of a schedule, with a claim taken in. A record of a schedule that is not known is
// kept when it is moved. Those that were not named for long are forgotten. The caller holds the backend's mutex as
// long as it uses the record, because a claim changes it in place. Fire moves a copy instead, so that a firing that
// fails leaves the record where it is.
func (b *Backend) claimSchedule(schedule string, claim contract.ScheduleClaim) (record *contract.ScheduleRecord, now int64) {
	now = b.clock().UnixNano()
	for name, r := range b.every {
		if now-r.Named > int64(contract.ScheduleMemory) {
			delete(b.every, name)
		}
	}
	record = b.every[schedule]
	if record == nil {
		record = &contract.ScheduleRecord{Schedule: schedule}
	}
	record.Claim(claim, now)
	return record, now
}

// Fire stores the ticks of a schedule and moves it, if it is where the firing says and the time has come. It does not
// wait for room. The backend's mutex is held from the comparison to the storing of the ticks, so that of two firings
// of one tick the second finds the schedule moved.
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
	record, now := b.claimSchedule(f.Schedule, f.Claim)
	moved := *record
	if !moved.Move(&f, now) {
		return record.StateAt(now, false), nil
	}
	n := r.planMessages(ticks)
	if n > 0 && !b.door.countIn(n) {
		return contract.ScheduleState{}, contract.ErrFull
	}
	b.storePlanned(&r, ticks)
	b.every[f.Schedule] = &moved
	return moved.StateAt(now, true), nil
}

// Schedules returns the records of all schedules. They are copies, because the backend goes on changing its own.
func (b *Backend) Schedules(context.Context) (list []contract.ScheduleRecord, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(b.every)) {
		list = append(list, *b.every[name])
	}
	return list, nil
}
