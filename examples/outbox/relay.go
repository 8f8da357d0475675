package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// relay publishes the rows of the outbox. Several may share one table.
type relay struct {
	db    *sql.DB
	spine *necro.Spine
	batch int           // rows at a time
	lease time.Duration // how long others leave a taken row alone
	pause time.Duration // between two looks at a table with nothing to send
	now   func() time.Time
}

func newRelay(db *sql.DB, spine *necro.Spine) *relay {
	return &relay{db: db, spine: spine, batch: 100, lease: 30 * time.Second, pause: 100 * time.Millisecond, now: time.Now}
}

// relayUntilDone relays until ctx is done. Trouble is logged, and the rows are sent later.
func (r *relay) relayUntilDone(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := r.relayBatch(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Warn("relay will try again", "error", err)
		}
		if n == r.batch && err == nil {
			continue // there may be more
		}
		select {
		case <-time.After(r.pause):
		case <-ctx.Done():
		}
	}
}

// relayBatch takes a batch of rows, publishes them one after the other, and marks them as sent. It
// returns how many were done with.
func (r *relay) relayBatch(ctx context.Context) (done int, err error) {
	rows, err := r.takeBatch(ctx)
	if err != nil {
		return 0, fmt.Errorf("relay: take rows: %w", err)
	}
	for _, row := range rows {
		if err = r.publishRow(ctx, row); err != nil {
			err = fmt.Errorf("relay: publish row %d: %w", row.seq, err)
			break
		}
		done++
	}
	// Published rows are marked although the relay is told to stop.
	return done, errors.Join(err, r.markSent(context.WithoutCancel(ctx), rows[:done], rows[done:]))
}

// publishRow publishes a row under its id. A crash behind it leaves the row unmarked, so it is
// published again, under the same id.
func (r *relay) publishRow(ctx context.Context, row *row) error {
	event, id, err := row.decodeRow()
	if err == nil {
		err = r.spine.Publish(ctx, event, necro.WithID(id))
	}
	if errors.Is(err, errRow) || errors.As(err, new(*necro.ValidationError)) {
		row.failed = err.Error() // set aside: it must not hold up the others
		return nil
	}
	return err
}
