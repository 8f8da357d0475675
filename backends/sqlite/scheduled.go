package sqlite

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// What a page of the schedule has at most.
const (
	scheduledEvents = 1000
	scheduledBytes  = 4 << 20 // unless one event has more
)

// Scheduled lists delayed events. The index by due time leads to the first of them.
func (b *Backend) Scheduled(_ context.Context, after string, limit int) (page []contract.ScheduledEvent, next string, err error) {
	due, number, err := sqlstore.ReadScheduleCursor(after)
	if err != nil {
		return nil, "", err
	}
	limit = max(1, min(limit, scheduledEvents))
	err = b.readSnapshot(func(s *session) error {
		page, next = nil, ""
		size := 0
		return s.query(func(r *row) error {
			due, number := r.integer(), r.integer()
			e := b.readScheduled(r, due)
			page = append(page, e)
			if size += len(e.Message.Payload) + len(e.Message.Key); size >= scheduledBytes || len(page) == limit {
				next = sqlstore.ScheduleCursor(due, number)
				return errStop
			}
			return nil
		}, `SELECT due, number, id, event, key, envelope, payload FROM later WHERE (due, number) > (?, ?) ORDER BY due, number LIMIT ?`, due, number, limit)
	})
	return page, next, err
}

// readScheduled reads the rest of a row of the table later. One whose envelope cannot be read has what can.
func (b *Backend) readScheduled(r *row, due int64) (e contract.ScheduledEvent) {
	id := r.bytes()
	event, key := r.text(), r.text()
	version, err := envelope.ReadRow(wire.View(r.bytes()), &e.Message)
	if err != nil {
		version = 1
	}
	copy(e.Message.ID[:], id) // by which it is cancelled
	e.Message.Type, e.Message.Key, e.Message.Payload = b.types.TypeOf(event, version), key, r.bytes()
	e.Due = time.Unix(0, due)
	return e
}

// RunScheduled makes a delayed event due at once, and reports whether it was in the schedule. A watcher routes it.
func (b *Backend) RunScheduled(ctx context.Context, id contract.ID) (found bool, err error) {
	err = b.submitJob(ctx, true, func(t *transaction) error {
		n, err := t.exec(`UPDATE later SET due = min(due, ?) WHERE id = ?`, t.now, id[:])
		found = n > 0
		return err
	})
	return found && err == nil, err
}
