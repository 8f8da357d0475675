package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/runtime/contract"
)

// scheduleColumns are those that readSchedule reads.
const scheduleColumns = `name, fired, bound, until, named`

func readSchedule(r *row) contract.ScheduleRecord {
	return contract.ScheduleRecord{Schedule: r.text(), FiredUpTo: r.count(), Bound: r.text(), Until: r.count(), Named: r.count()}
}

// FiredUpTo takes in a claim, and returns how far a schedule is.
func (b *Backend) FiredUpTo(ctx context.Context, schedule string, claim contract.ScheduleClaim) (state contract.ScheduleState, err error) {
	if b.closed.Load() {
		return state, contract.ErrClosed
	}
	if err := checkSchedule(schedule, claim); err != nil {
		return state, err
	}
	err = b.runTransaction(ctx, func(ctx context.Context, tx pgx.Tx) error {
		record, now, err := b.claimSchedule(ctx, tx, schedule, claim)
		if err != nil {
			return err
		}
		state = record.StateAt(now, false)
		return b.runInside(ctx, tx, step{
			text:   `UPDATE {schedule} SET bound = $2, until = $3, named = $4 WHERE name = $1`,
			values: []any{schedule, record.Bound, record.Until, record.Named},
		})
	})
	return state, err
}

// checkSchedule refuses texts that the server does not take.
func checkSchedule(schedule string, claim contract.ScheduleClaim) error {
	if err := checkText("schedule's", schedule); err != nil {
		return err
	}
	return checkText("schedule's", claim.Wants)
}

// claimSchedule locks the row of a schedule, if there is one, and returns its record with a claim taken in.
func (b *Backend) claimSchedule(ctx context.Context, tx pgx.Tx, schedule string, claim contract.ScheduleClaim) (record contract.ScheduleRecord, now int64, err error) {
	record.Schedule = schedule
	err = b.runInside(ctx, tx,
		step{text: `SELECT ` + scheduleColumns + ` FROM {schedule} WHERE name = $1 FOR UPDATE`, values: []any{schedule}, each: func(r *row) { record = readSchedule(r) }},
		step{text: `SELECT {nanos}()`, each: func(r *row) { now = r.integer() }})
	record.Claim(claim, now)
	return record, now, err
}

// Fire stores the ticks of a schedule and moves it, if it is where the firing says and the time has come by the server's clock.
// It does not wait for room.
func (b *Backend) Fire(ctx context.Context, f contract.Firing) (state contract.ScheduleState, err error) {
	if err := checkSchedule(f.Schedule, f.Claim); err != nil {
		return state, err
	}
	ticks, err := b.prepareMessages(f.Ticks)
	if err == nil {
		err = b.checkRoom(ctx, ticks)
	}
	if err == errNoRoom {
		err = contract.ErrFull
	}
	if err != nil {
		return state, fmt.Errorf("fire %s: %w", f.Schedule, err)
	}
	var s stored
	err = b.runTransaction(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		s = stored{}
		state, err = b.fireSchedule(ctx, tx, f, ticks, &s)
		return err
	})
	if err != nil {
		return contract.ScheduleState{}, err
	}
	b.noteStored(&s)
	return state, nil
}

// fireSchedule moves the record of a schedule, and stores its ticks. A schedule that is not known gets a row, which is there to be
// locked, and goes again unless it moves.
func (b *Backend) fireSchedule(ctx context.Context, tx pgx.Tx, f contract.Firing, ticks []contract.Message, s *stored) (state contract.ScheduleState, err error) {
	err = b.runInside(ctx, tx, step{
		text:   `INSERT INTO {schedule} (` + scheduleColumns + `) VALUES ($1, 0, '', 0, 0) ON CONFLICT DO NOTHING`,
		values: []any{f.Schedule},
	})
	if err != nil {
		return state, err
	}
	record, now, err := b.claimSchedule(ctx, tx, f.Schedule, f.Claim)
	if err != nil {
		return state, err
	}
	fired := record.Move(&f, now)
	steps := []step{{
		text:   `UPDATE {schedule} SET fired = $2, bound = $3, until = $4, named = $5 WHERE name = $1`,
		values: []any{f.Schedule, record.FiredUpTo, record.Bound, record.Until, record.Named},
	}}
	switch {
	case record.FiredUpTo == 0:
		steps = []step{{text: `DELETE FROM {schedule} WHERE name = $1 AND fired = 0`, values: []any{f.Schedule}}}
	case fired && len(ticks) > 0:
		steps = append(steps, publishStep(ticks, s))
	}
	return record.StateAt(now, fired), b.runInside(ctx, tx, steps...)
}

// Schedules returns the records of all schedules, in the order of their names.
func (b *Backend) Schedules(ctx context.Context) (list []contract.ScheduleRecord, err error) {
	if b.closed.Load() {
		return nil, contract.ErrClosed
	}
	err = b.transactSteps(ctx, true, step{
		text: `SELECT ` + scheduleColumns + ` FROM {schedule} ORDER BY name COLLATE "C"`,
		each: func(r *row) { list = append(list, readSchedule(r)) },
	})
	return list, err
}
