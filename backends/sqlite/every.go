package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
)

// FiredUpTo returns how far a schedule is. It forgets those that no call has named for long.
func (b *Backend) FiredUpTo(ctx context.Context, schedule string) (state contract.ScheduleState, err error) {
	err = b.write(ctx, false, func(t *transaction) error {
		if _, err := t.exec(`DELETE FROM every WHERE named < ?`, t.now-int64(contract.ScheduleMemory)); err != nil {
			return err
		}
		if state, err = t.readSchedule(schedule); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE every SET named = ? WHERE schedule = ?`, t.now, schedule)
		return err
	})
	return state, err
}

// Fire stores the ticks of a schedule and moves it, if it is where the firing says and the time has come by this machine's
// clock. It does not wait for room.
func (b *Backend) Fire(ctx context.Context, f contract.Firing) (state contract.ScheduleState, err error) {
	ticks, err := encodeAll(f.Ticks)
	if err != nil {
		return state, fmt.Errorf("fire %s: %w", f.Schedule, err)
	}
	err = b.write(ctx, true, func(t *transaction) error {
		if state, err = t.readSchedule(f.Schedule); err != nil {
			return err
		}
		if state.FiredUpTo != f.After || f.UpTo <= f.After || f.UpTo > state.Now {
			return nil
		}
		state.FiredUpTo, state.Fired = f.UpTo, true
		return b.fireTicks(t, f.Schedule, f.UpTo, ticks)
	})
	if errors.Is(err, errNoRoom) {
		err = contract.ErrFull
	}
	if err != nil {
		return contract.ScheduleState{}, err
	}
	return state, nil
}

// readSchedule reads how far a schedule is.
func (t *transaction) readSchedule(schedule string) (state contract.ScheduleState, err error) {
	state.Now = t.now
	err = t.query(func(r *row) error { state.FiredUpTo = r.between(0, never); return nil }, `SELECT fired FROM every WHERE schedule = ?`, schedule)
	return state, err
}

// fireTicks stores ticks, if there is room for them, and notes how far their schedule is.
func (b *Backend) fireTicks(t *transaction, schedule string, upTo int64, ticks []contract.Message) error {
	if err := b.storeAll(t, ticks); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO every (schedule, fired, named) VALUES (?, ?, ?)
		ON CONFLICT (schedule) DO UPDATE SET fired = excluded.fired, named = excluded.named`, schedule, upTo, t.now)
	return err
}
