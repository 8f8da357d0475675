package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/runtime/contract"
)

// rateLife is how long the row of an organ stays whose tokens are all there again.
const rateLife = time.Hour

// lockRate locks the row of an organ, which it makes when it is missing, and returns up to when its tokens are spent.
const lockRate = `INSERT INTO {rate} AS r (organ, spent) VALUES ($1, 0) ON CONFLICT (organ) DO UPDATE SET spent = r.spent RETURNING spent`

// TakeTokens takes tokens of an organ by the server's clock, which is read when the row is locked: a time from before would
// give back what another process took meanwhile.
func (b *Backend) TakeTokens(ctx context.Context, organ string, r contract.Rate, n int) (taken int, wait time.Duration, err error) {
	if b.closed.Load() {
		return 0, 0, contract.ErrClosed
	}
	if err := checkText("organ", organ); err != nil {
		return 0, 0, err
	}
	err = b.runTransaction(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var spent, now int64
		err := b.runInside(ctx, tx,
			step{text: lockRate, values: []any{organ}, each: func(r *row) { spent = r.count() }},
			step{text: `SELECT {nanos}()`, each: func(r *row) { now = r.integer() }})
		if err != nil {
			return err
		}
		taken, spent, wait = r.Spend(spent, now, n)
		return b.runInside(ctx, tx, step{text: `UPDATE {rate} SET spent = $2 WHERE organ = $1`, values: []any{organ, spent}})
	})
	if err != nil {
		return 0, 0, err
	}
	return taken, wait, nil
}
