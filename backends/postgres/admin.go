package postgres

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// rememberGone is how many dead letters of an organ that are gone can still be named as the one behind which a page
// begins.
const rememberGone = 10_000

// DeadLetters lists dead letters, oldest first. It knows the places of the last 10,000 that were redriven or discarded. A page
// ends at some megabytes, unless one letter has more.
func (b *Backend) DeadLetters(ctx context.Context, organ string, after contract.ID, limit int) (page []contract.DeadLetter, err error) {
	if b.closed.Load() {
		return nil, contract.ErrClosed
	}
	var n int32
	behind := int64(0)
	err = b.transactSteps(ctx, true, organNumber(organ, &n), step{
		text: `SELECT coalesce((SELECT max(number) FROM {dead} d JOIN {name} n ON d.organ = n.organ WHERE n.name = $1 AND delivery = $2),
			(SELECT number FROM {gone} g JOIN {name} n ON g.organ = n.organ WHERE n.name = $1 AND delivery = $2 ORDER BY removal DESC LIMIT 1))`,
		values: []any{plainText(organ), after[:]}, each: func(r *row) { behind = r.integer() },
	})
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, noOrgan(organ)
	case after.IsZero():
		behind = 0
	case behind == 0:
		return nil, contract.Permanent(fmt.Errorf("list the dead letters of organ %s: none is known by the id %s: begin at the first", organ, after))
	}
	err = b.transactSteps(ctx, true, step{
		text: `SELECT o.name, delivery, event, key, envelope, payload, attempts, reason, error, stack, halt, gave_up, at FROM (
			SELECT *, sum(size) OVER (ORDER BY number) - size AS before FROM (SELECT * FROM {dead} WHERE organ = $1 AND number > $2 ORDER BY number LIMIT $3) AS first
			) AS d JOIN {organ} o ON o.number = d.organ WHERE before < $4 ORDER BY d.number`,
		values: []any{n, behind, max(limit, 0), int64(takeSize)}, each: func(r *row) { page = append(page, b.readLetter(r)) },
	})
	return page, err
}

// readLetter reads a row of dead letters. One whose envelope cannot be read has what can.
func (b *Backend) readLetter(r *row) (l contract.DeadLetter) {
	l.Organ = r.text()
	copy(l.ID[:], r.bytes())
	event, key := r.text(), r.bytes()
	version, err := envelope.ReadRow(wire.View(r.bytes()), &l.Message)
	if err != nil {
		version = 1
	}
	l.Message.Type, l.Message.Key, l.Message.Payload = b.types.TypeOf(event, version), string(key), r.bytes()
	l.Attempts = int(r.between(0, envelope.MaxCount))
	l.Reason, l.Error, l.Stack, l.Halt, l.GaveUp = contract.Reason(r.text()), r.text(), r.text(), r.truth(), r.truth()
	l.Time = sqlstore.TimeOf(r.between(0, math.MaxInt64))
	return l
}

// administerOrgan runs a transaction for an organ, whose row it locks, and wakes the organ's calls of Fetch.
func (b *Backend) administerOrgan(ctx context.Context, name string, run func(ctx context.Context, tx pgx.Tx, n int32) error) error {
	if b.closed.Load() {
		return contract.ErrClosed
	}
	var n int32
	err := b.runTransaction(ctx, func(ctx context.Context, tx pgx.Tx) error {
		n = 0
		err := b.runInside(ctx, tx, step{
			text:   `SELECT number FROM {organ} WHERE number = (SELECT organ FROM {name} WHERE name = $1) FOR UPDATE`,
			values: []any{plainText(name)}, each: func(r *row) { n = int32(r.integer()) },
		})
		if err == nil && n == 0 {
			err = noOrgan(name)
		}
		if err != nil {
			return err
		}
		return run(ctx, tx, n)
	})
	if err == nil {
		b.wakeOrgans([]int32{n})
		b.waker.addNews([]int32{n})
	}
	return err
}

// Redrive stores dead letters again, behind all others, and returns how many there were. They may exceed the limit,
// because an operator cannot wait for room.
func (b *Backend) Redrive(ctx context.Context, name string, ids ...contract.ID) (int, error) {
	return b.removeDead(ctx, name, ids, true, nil)
}

// Discard forgets dead letters, and returns how many there were.
func (b *Backend) Discard(ctx context.Context, name string, ids ...contract.ID) (int, error) {
	return b.removeDead(ctx, name, ids, false, nil)
}

// RedriveEdited takes a dead letter out, and stores another message for its organ in its place.
func (b *Backend) RedriveEdited(ctx context.Context, name string, id contract.ID, m *contract.Message) (bool, error) {
	err := contract.CheckEdited(id, m)
	if err == nil {
		err = checkSize(m, len(m.Payload))
	}
	if err != nil {
		return false, err
	}
	n, err := b.removeDead(ctx, name, []contract.ID{id}, false, m)
	return n > 0, err
}

// storeEdited stores a message for an organ.
const storeEdited = `INSERT INTO {queue} (organ, event, key, spread, envelope, payload) VALUES ($1, $2, $3, $4, $5, $6)`

// removeLetters takes the named dead letters of an organ out, stores them again ($3) or not, and notes their places.
const removeLetters = `
	WITH asked AS (SELECT * FROM unnest($2::bytea[]) WITH ORDINALITY AS a (delivery, ord)),
	letters AS (DELETE FROM {dead} d USING asked WHERE d.organ = $1 AND d.delivery = asked.delivery RETURNING d.*),
	stored AS (INSERT INTO {queue} (organ, event, key, spread, envelope, payload) SELECT organ, event, key, spread, envelope, payload
		FROM letters WHERE $3 ORDER BY (SELECT min(ord) FROM asked WHERE asked.delivery = letters.delivery), number),
	noted AS (INSERT INTO {gone} (organ, delivery, number) SELECT organ, delivery, max(number) FROM letters GROUP BY organ, delivery),
	counted AS (UPDATE {organ} SET dead = greatest(dead - (SELECT count(*) FROM letters), 0), dead_bytes = greatest(dead_bytes - (SELECT coalesce(sum(size), 0) FROM letters), 0)
		WHERE number = $1)
	SELECT count(*) FROM letters`

// removeDead takes dead letters out. It stores them again, or another message in the place of one, or nothing.
func (b *Backend) removeDead(ctx context.Context, name string, ids []contract.ID, again bool, edited *contract.Message) (n int, err error) {
	asked := make([][]byte, len(ids))
	for i := range ids {
		asked[i] = ids[i][:]
	}
	err = b.administerOrgan(ctx, name, func(ctx context.Context, tx pgx.Tx, organ int32) error {
		err := b.runInside(ctx, tx,
			step{text: removeLetters, values: []any{organ, asked, again}, each: func(r *row) { n = int(r.integer()) }},
			step{
				text:   `DELETE FROM {gone} WHERE organ = $1 AND removal <= (SELECT removal FROM {gone} WHERE organ = $1 ORDER BY removal DESC LIMIT 1 OFFSET $2)`,
				values: []any{organ, rememberGone},
			})
		if err != nil || edited == nil || n == 0 {
			return err
		}
		return b.runInside(ctx, tx, step{text: storeEdited, values: []any{
			organ, edited.Type.Name, []byte(edited.Key), spreadOf(edited), envelope.AppendRow(nil, edited), edited.Payload,
		}})
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Pause stops deliveries to an organ in all processes, until Resume.
func (b *Backend) Pause(ctx context.Context, name, reason string) error {
	return b.setPaused(ctx, name, cmp.Or(plainText(reason), "paused"))
}

// Resume lets a paused organ go on.
func (b *Backend) Resume(ctx context.Context, name string) error { return b.setPaused(ctx, name, "") }

func (b *Backend) setPaused(ctx context.Context, name, reason string) error {
	return b.administerOrgan(ctx, name, func(ctx context.Context, tx pgx.Tx, n int32) error {
		return b.runInside(ctx, tx, step{text: `UPDATE {organ} SET paused = $2 WHERE number = $1`, values: []any{n, reason}})
	})
}

// RemoveOrgan forgets an organ that has no consumers, with everything stored for it.
func (b *Backend) RemoveOrgan(ctx context.Context, name string) error {
	err := b.administerOrgan(ctx, name, func(ctx context.Context, tx pgx.Tx, n int32) error {
		living := int64(0)
		err := b.runInside(ctx, tx,
			step{text: `SELECT pg_advisory_xact_lock($1, $2)`, values: []any{b.locks, lockBindings}},
			step{text: `SELECT pg_advisory_xact_lock($1, $2)`, values: []any{b.locks, n}},
			step{
				text:   `SELECT count(*) FROM {consumer} c JOIN {process} p ON p.number = c.process WHERE c.organ = $1 AND until > (SELECT {nanos}())`,
				values: []any{n}, each: func(r *row) { living = r.integer() },
			})
		if err == nil && living > 0 {
			err = contract.Permanent(fmt.Errorf("remove organ %s: it has %d consumers: stop them first", name, living))
		}
		if err != nil {
			return err
		}
		return b.runInside(ctx, tx, append(removeSteps(n), noteBindings())...)
	})
	if err != nil {
		return err
	}
	return b.refreshBindings(ctx)
}

// removeSteps delete the rows of an organ: first what routes to it.
func removeSteps(n int32) []step {
	var steps []step
	for _, table := range []string{"bound", "name", "queue", "wait", "lease", "dead", "gone", "consumer", "asleep", "state", "lane"} {
		steps = append(steps, step{text: `DELETE FROM {` + table + `} WHERE organ = $1`, values: []any{n}})
	}
	return append(steps, forgetUniques(n), step{text: `DELETE FROM {organ} WHERE number = $1`, values: []any{n}})
}
