package main

import (
	"context"
	"database/sql"

	necro "github.com/necrostack/necrogen/runtime"
)

// takeBatch leases the oldest rows that no relay has taken, or whose relay has kept them for too long. The name of
// the batch is random, so no other batch has it.
func (r *relay) takeBatch(ctx context.Context) ([]*row, error) {
	batch, now := necro.NewID().String(), r.now()
	_, err := r.db.ExecContext(ctx, `
		UPDATE outbox SET taken_by = ?, taken_until = ?
		WHERE sent = 0 AND taken_until < ?
		AND seq IN (SELECT seq FROM outbox WHERE sent = 0 AND taken_until < ? ORDER BY seq LIMIT ?)`,
		batch, now.Add(r.lease).UnixMilli(), now.UnixMilli(), now.UnixMilli(), r.batch)
	if err != nil {
		return nil, err
	}
	found, err := r.db.QueryContext(ctx,
		`SELECT seq, id, event, version, payload FROM outbox WHERE taken_by = ? ORDER BY seq`, batch)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var rows []*row
	for found.Next() {
		row := &row{batch: batch}
		if err := found.Scan(&row.seq, &row.id, &row.event, &row.version, &row.payload); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

// markSent notes the finished rows, and gives back the rest of the batch, unless another relay has taken it
// meanwhile.
func (r *relay) markSent(ctx context.Context, done, rest []*row) error {
	if len(done)+len(rest) == 0 {
		return nil
	}
	now := r.now().UnixMilli()
	return inTransaction(ctx, r.db, func(tx *sql.Tx) error {
		for _, row := range done {
			if _, err := tx.ExecContext(ctx, `UPDATE outbox SET sent = ?, failed = ? WHERE seq = ?`, now, row.failed, row.seq); err != nil {
				return err
			}
		}
		for _, row := range rest {
			if _, err := tx.ExecContext(ctx, `UPDATE outbox SET taken_until = 0 WHERE seq = ? AND taken_by = ?`, row.seq, row.batch); err != nil {
				return err
			}
		}
		return nil
	})
}

// cleanSent deletes the rows that were sent before the time. Rows that were set aside stay, to be looked at.
func (r *relay) cleanSent(ctx context.Context, before int64) (int64, error) {
	result, err := r.db.ExecContext(ctx, `DELETE FROM outbox WHERE sent > 0 AND sent < ? AND failed = ''`, before)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
