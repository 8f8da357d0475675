package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/runtime/contract"
)

// FiredUpTo returns how far a schedule is.
func (b *Backend) FiredUpTo(ctx context.Context, schedule string) (state contract.ScheduleState, err error) {
	if b.closed.Load() {
		return state, contract.ErrClosed
	}
	err = b.steps(ctx, true, step{
		text:   `UPDATE {schedule} SET used = (SELECT {nanos}()) WHERE name = $1 RETURNING fired`,
		values: []any{plainText(schedule)}, each: func(r *row) { state.FiredUpTo = r.count() },
	}, step{text: `SELECT {nanos}()`, each: func(r *row) { state.Now = r.integer() }})
	return state, err
}

// Fire stores the ticks of a schedule and moves it, if it is where the firing says and the time has come. It does not wait
// for room.
func (b *Backend) Fire(ctx context.Context, f contract.Firing) (state contract.ScheduleState, err error) {
	if err := checkText("schedule", f.Schedule); err != nil {
		return state, err
	}
	ticks, err := b.prepareMessages(f.Ticks)
	if err != nil {
		return state, err
	}
	if err := b.checkRoom(ctx, ticks); err != nil {
		if err == errNoRoom {
			err = contract.ErrFull
		}
		return state, fmt.Errorf("fire %s: %w", f.Schedule, err)
	}
	var s stored
	err = b.transact(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		s = stored{}
		state, err = b.fire(ctx, tx, f, ticks, &s)
		return err
	})
	if err != nil {
		return contract.ScheduleState{}, err
	}
	b.note(&s)
	return state, nil
}

// fire locks the row of a schedule, compares, and stores.
func (b *Backend) fire(ctx context.Context, tx pgx.Tx, f contract.Firing, ticks []contract.Message, s *stored) (state contract.ScheduleState, err error) {
	err = b.inside(ctx, tx,
		step{text: `INSERT INTO {schedule} (name, fired, used) VALUES ($1, 0, (SELECT {nanos}())) ON CONFLICT DO NOTHING`, values: []any{f.Schedule}},
		step{
			text:   `SELECT fired, (SELECT {nanos}()) FROM {schedule} WHERE name = $1 FOR UPDATE`,
			values: []any{f.Schedule}, each: func(r *row) { state.FiredUpTo, state.Now = r.count(), r.integer() },
		})
	if err != nil || state.FiredUpTo != f.After || f.UpTo <= f.After || f.UpTo > state.Now {
		return state, err
	}
	state.FiredUpTo, state.Fired = f.UpTo, true
	steps := []step{{text: `UPDATE {schedule} SET fired = $2, used = $3 WHERE name = $1`, values: []any{f.Schedule, f.UpTo, state.Now}}}
	if len(ticks) > 0 {
		steps = append(steps, publishStep(ticks, s))
	}
	return state, b.inside(ctx, tx, steps...)
}
