package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// errNoRoom says that the namespace holds its limit, and that a caller may wait.
var errNoRoom = errors.New("no room")

// publishEvents stores events, but for those with an id that a caller chose and that is remembered. A second call with such
// an id waits until the first is committed or rolled back. The time of an id is that of one which was given onceWindow ($9)
// before it is to be forgotten.
const publishEvents = `
	WITH given AS (SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bool[], $8::bigint[], $10::int[])
			WITH ORDINALITY AS g (id, event, key, envelope, payload, due, output, memory, spread, ord)),
	fresh AS (INSERT INTO {once} AS o (id, at) SELECT DISTINCT ON (id) id, (SELECT {nanos}()) + memory - $9 FROM given WHERE memory > 0 ORDER BY id, ord
		ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE o.at < (SELECT {nanos}()) - $9 RETURNING id),
	e AS (SELECT * FROM given WHERE memory = 0 UNION ALL
		(SELECT DISTINCT ON (id) * FROM given WHERE memory > 0 AND id IN (SELECT id FROM fresh) ORDER BY id, ord)),` + storeEvents + `,
	(SELECT array_agg(ord::int4 ORDER BY ord) FROM given g
		WHERE ord NOT IN (SELECT ord FROM e) OR due <> 0 AND id NOT IN (SELECT id FROM delayed))`

// publishStep returns the step that stores messages.
func publishStep(msgs []contract.Message, s *stored) step {
	c := &columns{}
	for i := range msgs {
		c.addMessage(&msgs[i])
	}
	if slices.ContainsFunc(c.withins, func(within int64) bool { return within > 0 }) {
		return step{
			text:   publishUnique,
			values: []any{c.ids, c.events, c.keys, c.envelopes, c.payloads, c.dues, c.outputs, c.memories, int64(onceWindow), c.places, c.withins, c.spreads},
			each:   func(r *row) { s.readPublished(r); s.there = listOf[[]byte](r) },
		}
	}
	return step{text: publishEvents, values: []any{c.ids, c.events, c.keys, c.envelopes, c.payloads, c.dues, c.outputs, c.memories, int64(onceWindow), c.spreads}, each: s.readPublished}
}

// readPublished reads what publishEvents tells.
func (s *stored) readPublished(r *row) {
	s.readColumns(r)
	s.duplicates = listOf[int32](r)
}

// duplicatesOf returns which events are stored in the place of messages. Without unique events it is those with their ids.
func (s *stored) duplicatesOf(msgs []contract.Message) (duplicates contract.Duplicates) {
	for i, place := range s.duplicates {
		there := msgs[place-1].ID
		if i < len(s.there) {
			copy(there[:], s.there[i])
		}
		duplicates = duplicates.With(int(place)-1, len(msgs), there)
	}
	return duplicates
}

// Publish stores the messages for every organ that is bound to them, all or none of them; they are committed when it returns
// nil. It waits while the namespace holds its limit, and a call may exceed the limit by its own messages.
func (b *Backend) Publish(ctx context.Context, msgs []contract.Message, options contract.PublishOptions) (contract.Duplicates, error) {
	msgs, err := b.prepareMessages(msgs)
	if err != nil || len(msgs) == 0 {
		return nil, err
	}
	if joined, err := b.publishInside(ctx, msgs); joined {
		return nil, err
	}
	for {
		room := b.room.Wait()
		err := b.checkRoom(ctx, msgs)
		if err == nil {
			return b.publishAll(ctx, msgs)
		}
		if !errors.Is(err, errNoRoom) {
			return nil, err
		}
		if b.failFull || options.NoWait {
			return nil, contract.ErrFull
		}
		select {
		case <-room:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-b.closing:
			return nil, contract.ErrClosed
		}
	}
}

// prepareMessages refuses messages that could never be stored, and returns them with their payloads.
func (b *Backend) prepareMessages(msgs []contract.Message) ([]contract.Message, error) {
	if b.closed.Load() {
		return nil, contract.ErrClosed
	}
	return sqlstore.PreparePublish(msgs, b.limit, checkSize)
}

func (b *Backend) publishAll(ctx context.Context, msgs []contract.Message) (contract.Duplicates, error) {
	var s stored
	if err := b.transactSteps(ctx, false, publishStep(msgs, &s)); err != nil {
		return nil, err
	}
	b.noteStored(&s)
	return s.duplicatesOf(msgs), nil
}

// PublishOne is Publish for a single message.
func (b *Backend) PublishOne(ctx context.Context, m contract.Message, options contract.PublishOptions) (duplicate bool, err error) {
	duplicates, err := b.Publish(ctx, []contract.Message{m}, options)
	return duplicates.Has(0), err
}

// countedLimit is the highest limit at which every Publish counts. Above it the watcher counts, so that a Publish costs no
// more when much is stored; between two counts the limit may be exceeded.
const countedLimit = 10_000

// countHeld counts deliveries and delayed events, up to a bound.
const countHeld = `SELECT count(*) FROM (SELECT FROM {queue} UNION ALL SELECT FROM {wait} UNION ALL SELECT FROM {later} LIMIT $1) AS held`

// checkRoom refuses messages while the namespace holds its limit. Parked events take no room, and a delayed event takes
// that of one delivery.
func (b *Backend) checkRoom(ctx context.Context, msgs []contract.Message) error {
	takesRoom, k := false, b.known.Load()
	for i := range msgs {
		takesRoom = takesRoom || msgs[i].Due != 0 || k.bound[msgs[i].Type.Name]
	}
	if !takesRoom {
		return nil
	}
	if b.limit <= countedLimit {
		if err := b.noteHeld(ctx); err != nil {
			return err
		}
	}
	if b.held.Load() < b.limit {
		return nil
	}
	if b.consuming.Load() > 0 {
		return errNoRoom
	}
	others := int64(0)
	err := b.transactSteps(ctx, true, step{
		text: `SELECT count(*) FROM {consumer} c JOIN {process} p ON p.number = c.process WHERE began AND until > (SELECT {nanos}())`,
		each: func(r *row) { others = r.integer() },
	})
	if err != nil {
		return err
	}
	if others > 0 {
		return errNoRoom
	}
	return contract.ErrFull
}

// noteHeld notes how much the namespace holds, as far as that matters: up to twice the limit.
func (b *Backend) noteHeld(ctx context.Context) error {
	return b.transactSteps(ctx, true, step{text: countHeld, values: []any{2 * b.limit}, each: func(r *row) { b.held.Store(r.count()) }})
}
