package postgres

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// An event with a delay is a row of the table later until it is due. Any process routes it then:
//
//	Publish, Settle                   a watcher, when it is due
//	---------------> a row of later --------------------------------> a delivery for each organ that is bound then, or parked
//	                       |  Cancel
//	                       '--------> gone
//
// Each arrow is one statement, so that an event is in one place at any time. Routing copies the stored bytes without reading
// them: an envelope that cannot be read becomes a dead letter where it is fetched, like any other, and blocks nothing here.

// routeAtOnce is how many events one statement routes.
const routeAtOnce = 1000

// routeDue routes events that are due: of one due time in stored order. Those that another process is routing are left to it.
const routeDue = `
	WITH due AS (SELECT number FROM {later} WHERE due <= (SELECT {nanos}()) ORDER BY due, number LIMIT $1 FOR UPDATE SKIP LOCKED),
	moved AS (DELETE FROM {later} l USING due WHERE l.number = due.number RETURNING l.*),
	e AS (SELECT row_number() OVER (ORDER BY due, number) AS ord, id, event, key, envelope, payload, 0::bigint AS due, output, spread FROM moved),` + routeUniques + storeEvents + `, (SELECT count(*) FROM moved)`

// routeAll routes everything that is due.
func (b *Backend) routeAll(ctx context.Context) error {
	for moved := int64(routeAtOnce); moved == routeAtOnce; {
		var s stored
		err := b.transactSteps(ctx, false, step{text: routeDue, values: []any{routeAtOnce}, each: func(r *row) { s = stored{}; s.readColumns(r); moved = r.count() }})
		if err != nil {
			return err
		}
		s.rows -= moved
		b.noteStored(&s)
	}
	return nil
}

// Cancel takes a delayed event out of the schedule, and reports whether it was there. It forgets the id.
func (b *Backend) Cancel(ctx context.Context, id contract.ID) (found bool, err error) {
	if b.closed.Load() {
		return false, contract.ErrClosed
	}
	n := int64(0)
	err = b.transactSteps(ctx, false, step{
		text: `WITH gone AS (DELETE FROM {later} WHERE id = $1 RETURNING id), forgotten AS (DELETE FROM {once} WHERE id IN (SELECT id FROM gone)),
				free AS (DELETE FROM {uniq} WHERE id IN (SELECT id FROM gone))
			SELECT count(*) FROM gone`,
		values: []any{id[:]}, each: func(r *row) { n = r.integer() },
	})
	if err == nil && n > 0 {
		b.held.Add(-1)
		b.room.WakeAll()
	}
	return n > 0 && err == nil, err
}

// What a page of the schedule has at most.
const (
	scheduledEvents = 1000
	scheduledBytes  = 4 << 20 // unless one event has more
)

// Scheduled lists delayed events. The index by due time leads to the first of them.
func (b *Backend) Scheduled(ctx context.Context, after string, limit int) (page []contract.ScheduledEvent, next string, err error) {
	if b.closed.Load() {
		return nil, "", contract.ErrClosed
	}
	due, number, err := sqlstore.ReadScheduleCursor(after)
	if err != nil {
		return nil, "", err
	}
	limit = max(1, min(limit, scheduledEvents))
	size := 0
	err = b.transactSteps(ctx, true, step{
		text: `SELECT due, number, id, event, key, envelope, payload FROM (
			SELECT *, sum(octet_length(key) + coalesce(octet_length(payload), 0)) OVER (ORDER BY due, number) - octet_length(key) - coalesce(octet_length(payload), 0) AS before
			FROM (SELECT * FROM {later} WHERE (due, number) > ($1, $2) ORDER BY due, number LIMIT $3) AS first) AS sized WHERE before < $4 ORDER BY due, number`,
		values: []any{due, number, limit, scheduledBytes},
		each: func(r *row) {
			due, number := r.integer(), r.integer()
			e := b.readScheduled(r, due)
			page, next = append(page, e), sqlstore.ScheduleCursor(due, number)
			size += len(e.Message.Payload) + len(e.Message.Key)
		},
	})
	if len(page) < limit && size < scheduledBytes {
		next = ""
	}
	return page, next, err
}

// readScheduled reads the rest of a row of the table later. One whose envelope cannot be read has what can.
func (b *Backend) readScheduled(r *row, due int64) (e contract.ScheduledEvent) {
	id := r.bytes()
	event, key := r.text(), r.bytes()
	version, err := envelope.ReadRow(wire.View(r.bytes()), &e.Message)
	if err != nil {
		version = 1
	}
	copy(e.Message.ID[:], id) // by which it is cancelled
	e.Message.Type, e.Message.Key, e.Message.Payload = b.types.TypeOf(event, version), string(key), r.bytes()
	e.Due = time.Unix(0, due)
	return e
}

// RunScheduled makes a delayed event due at once, and reports whether it was in the schedule. A watcher routes it.
func (b *Backend) RunScheduled(ctx context.Context, id contract.ID) (bool, error) {
	if b.closed.Load() {
		return false, contract.ErrClosed
	}
	due := int64(0)
	err := b.transactSteps(ctx, false, step{
		text:   `UPDATE {later} SET due = least(due, (SELECT {nanos}())) WHERE id = $1 RETURNING due`,
		values: []any{id[:]}, each: func(r *row) { due = r.integer() },
	})
	if err != nil || due == 0 {
		return false, err
	}
	b.waker.noteDue(due)
	return true, nil
}
