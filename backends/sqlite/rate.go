package sqlite

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TakeTokens takes tokens of an organ by this machine's clock. Rows of organs whose tokens are all there again are deleted.
func (b *Backend) TakeTokens(ctx context.Context, organ string, r contract.Rate, n int) (taken int, wait time.Duration, err error) {
	err = b.submitJob(ctx, false, func(t *transaction) error {
		if _, err := t.exec(`DELETE FROM rate WHERE spent <= ?`, t.now); err != nil {
			return err
		}
		var spent int64
		err := t.query(func(r *row) error { spent = r.between(0, never); return nil }, `SELECT spent FROM rate WHERE organ = ?`, organ)
		if err != nil {
			return err
		}
		taken, spent, wait = r.Spend(spent, t.now, n)
		_, err = t.exec(`INSERT OR REPLACE INTO rate (organ, spent) VALUES (?, ?)`, organ, spent)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	return taken, wait, nil
}
