package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// FiredUpTo takes in a claim, and returns how far a schedule is. It forgets those that no call has named for long.
func (b *Backend) FiredUpTo(ctx context.Context, schedule string, claim contract.ScheduleClaim) (state contract.ScheduleState, err error) {
	err = b.submitJob(ctx, false, func(t *transaction) error {
		if _, err := t.exec(`DELETE FROM every WHERE named < ?`, t.now-int64(contract.ScheduleMemory)); err != nil {
			return err
		}
		record, known, err := t.claimSchedule(schedule, claim)
		state = record.StateAt(t.now, false)
		if err == nil && known {
			err = t.saveSchedule(record)
		}
		return err
	})
	return state, err
}

// Fire stores the ticks of a schedule and moves it, if it is where the firing says and the time has come by this machine's
// clock. It does not wait for room.
func (b *Backend) Fire(ctx context.Context, f contract.Firing) (state contract.ScheduleState, err error) {
	ticks, err := sqlstore.EncodeAll(f.Ticks, checkSize)
	if err != nil {
		return state, fmt.Errorf("fire %s: %w", f.Schedule, err)
	}
	err = b.submitJob(ctx, true, func(t *transaction) error {
		record, known, err := t.claimSchedule(f.Schedule, f.Claim)
		if err != nil {
			return err
		}
		fired := record.Move(&f, t.now)
		state = record.StateAt(t.now, fired)
		if !fired && !known {
			return nil
		}
		if fired {
			if _, err := b.storeAll(t, ticks); err != nil {
				return err
			}
		}
		return t.saveSchedule(record)
	})
	if errors.Is(err, errNoRoom) {
		err = contract.ErrFull
	}
	if err != nil {
		return contract.ScheduleState{}, err
	}
	return state, nil
}

const everyColumns = `schedule, fired, bound, until, named`

// readEvery reads the record of a schedule, in the order of everyColumns.
func readEvery(r *row) *contract.ScheduleRecord {
	return &contract.ScheduleRecord{Schedule: r.text(), FiredUpTo: r.between(0, never), Bound: r.text(), Until: r.between(0, never), Named: r.between(0, never)}
}

// claimSchedule returns the record of a schedule, with a claim taken in, and whether the file has it.
func (t *transaction) claimSchedule(schedule string, claim contract.ScheduleClaim) (record *contract.ScheduleRecord, known bool, err error) {
	record = &contract.ScheduleRecord{Schedule: schedule}
	err = t.query(func(r *row) error { record, known = readEvery(r), true; return nil }, `SELECT `+everyColumns+` FROM every WHERE schedule = ?`, schedule)
	record.Claim(claim, t.now)
	return record, known, err
}

// saveSchedule writes the record of a schedule.
func (t *transaction) saveSchedule(s *contract.ScheduleRecord) error {
	_, err := t.exec(`INSERT INTO every (`+everyColumns+`) VALUES (?, ?, ?, ?, ?) ON CONFLICT (schedule) DO UPDATE
		SET fired = excluded.fired, bound = excluded.bound, until = excluded.until, named = excluded.named`, s.Schedule, s.FiredUpTo, s.Bound, s.Until, s.Named)
	return err
}

// Schedules returns the records of all schedules.
func (b *Backend) Schedules(context.Context) (list []contract.ScheduleRecord, err error) {
	err = b.readSnapshot(func(s *session) error {
		list = nil
		return s.query(func(r *row) error { list = append(list, *readEvery(r)); return nil }, `SELECT `+everyColumns+` FROM every ORDER BY schedule`)
	})
	return list, err
}
