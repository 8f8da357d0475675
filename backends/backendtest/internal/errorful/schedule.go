package errorful

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// FiredUpTo takes in a claim, and returns how far a schedule is.
func (b *Backend) FiredUpTo(_ context.Context, name string, claim contract.ScheduleClaim) (contract.ScheduleState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return contract.ScheduleState{}, contract.ErrClosed
	}
	now := time.Now().UnixNano()
	record := b.claimSchedule(name, claim, now)
	return record.StateAt(now, false), nil
}

// claimSchedule returns the record of a schedule, with a claim taken in. One that was not named for long begins anew.
func (b *Backend) claimSchedule(name string, claim contract.ScheduleClaim, now int64) contract.ScheduleRecord {
	record, known := b.schedules[name]
	if known = known && now-record.Named <= int64(contract.ScheduleMemory); !known {
		record = contract.ScheduleRecord{Schedule: name}
	}
	record.Claim(claim, now)
	if known {
		b.schedules[name] = record
	}
	return record
}

// Fire stores ticks and moves their schedule, if it is where the firing says and the time has come.
func (b *Backend) Fire(_ context.Context, f contract.Firing) (contract.ScheduleState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return contract.ScheduleState{}, contract.ErrClosed
	}
	now := time.Now().UnixNano()
	record := b.claimSchedule(f.Schedule, f.Claim, now)
	if !record.Move(&f, now) {
		return record.StateAt(now, false), nil
	}
	for _, tick := range f.Ticks {
		b.storeMessage(tick)
	}
	b.schedules[f.Schedule] = record
	return record.StateAt(now, true), nil
}

// Schedules returns the records of all schedules.
func (b *Backend) Schedules(context.Context) (list []contract.ScheduleRecord, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(b.schedules)) {
		list = append(list, b.schedules[name])
	}
	return list, nil
}
