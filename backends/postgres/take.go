package postgres

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// takeSize bounds the bytes of what one Fetch returns, beyond its first delivery.
const takeSize = 8 << 20

// grant is the Ref of all deliveries that one Fetch has handed out. Their Tag is their place in the queue. The fence of a
// delivery is the row of its lease with the consumer and the token, because taking a delivery back changes that row first.
type grant struct {
	consumer *consumer
	token    int64
}

// giveUp makes a lease one of a delivery that came back without a word of its holder, which may have crashed of it.
const giveUp = `consumer = 0, token = 0, until = 0, suspect = true, started = false, crashes = least(crashes + started::int, 1000),
	gave = gave OR giving, giving = false`

// takeDeliveries leases the first deliveries of an organ ($1) to a consumer ($2) by a token ($3) for a time ($4), at most
// so many ($5), and of so many bytes ($6). It runs under the organ's advisory lock, which alone gives leases: a delivery
// that it finds free stays free. No row of a delivery is written.
//
// A failed delivery holds back others by its row in the table wait, whose column holds says which.
var takeDeliveries = takeText(`lanes < 2`, ``, ``)

// takeText returns the statement for the organs that a condition allows. It may have tables of its own, and a condition for rows.
func takeText(may, tables, rows string) string {
	return `
	WITH now AS MATERIALIZED (SELECT {nanos}() AS at),` + tables + `
	may AS MATERIALIZED (SELECT number FROM {organ} WHERE number = $1 AND paused = '' AND ` + may + ` AND (NOT exclusive OR owner = $2)
		AND (dead_limit = 0 OR dead < dead_limit) AND (dead_bytes_limit = 0 OR dead_bytes < dead_bytes_limit)),
	last AS MATERIALIZED (SELECT coalesce(min(seq), 9223372036854775807) AS seq FROM {wait} WHERE organ = $1 AND holds = 2),
	free AS (
		(SELECT q.seq, 0 AS attempts, 0 AS declines, 0::bigint AS declined, q.event, q.key, q.envelope, q.payload
		FROM {queue} q WHERE q.organ = (SELECT number FROM may) AND q.seq <= (SELECT seq FROM last)` + rows + `
			AND NOT EXISTS (SELECT FROM {lease} l WHERE l.organ = q.organ AND l.seq = q.seq AND l.consumer <> 0)
			AND NOT EXISTS (SELECT FROM {wait} h WHERE h.organ = q.organ AND h.holds = 1 AND h.key = q.key AND h.seq < q.seq)
		ORDER BY q.seq LIMIT $5)
		UNION ALL
		(SELECT w.seq, w.attempts, w.declines, w.declined, w.event, w.key, w.envelope, w.payload
		FROM {wait} w WHERE w.organ = (SELECT number FROM may) AND w.due <= (SELECT at FROM now) AND w.seq <= (SELECT seq FROM last)` + rows + `
			AND NOT EXISTS (SELECT FROM {lease} l WHERE l.organ = w.organ AND l.seq = w.seq AND l.consumer <> 0)
			AND NOT EXISTS (SELECT FROM {wait} h WHERE h.organ = w.organ AND h.holds = 1 AND h.key = w.key AND h.seq < w.seq)
		ORDER BY w.due LIMIT $5)
	), sized AS (SELECT *, sum(coalesce(octet_length(payload), 0)) OVER (ORDER BY seq) - coalesce(octet_length(payload), 0) AS before FROM free),
	chosen AS (SELECT * FROM sized WHERE before < $6 ORDER BY seq LIMIT $5),
	given AS (INSERT INTO {lease} AS l (organ, seq, consumer, token, since, until)
		SELECT $1, seq, $2, $3, (SELECT at FROM now), (SELECT at FROM now) + $4 FROM chosen
		ON CONFLICT (organ, seq) DO UPDATE SET consumer = excluded.consumer, token = excluded.token, since = excluded.since, until = excluded.until, started = false, giving = false
		RETURNING seq, suspect, crashes, gave)
	SELECT c.seq, c.attempts, c.declines, c.declined, g.suspect, g.crashes, g.gave, c.event, c.key, c.envelope, c.payload
	FROM chosen c JOIN given g ON g.seq = c.seq ORDER BY c.seq`
}

// nextDue returns in how many nanoseconds the next retry is due.
const nextDue = `SELECT min(due) - (SELECT {nanos}()) FROM {wait} WHERE organ = $1 AND due > (SELECT {nanos}())`

// reclaimExpired takes back the leases that ran out. One that is being settled is left alone.
const reclaimExpired = `UPDATE {lease} SET ` + giveUp + ` WHERE organ = $1 AND seq IN
	(SELECT seq FROM {lease} WHERE organ = $1 AND consumer <> 0 AND until <= (SELECT {nanos}()) FOR UPDATE SKIP LOCKED)`

// taken is what a look has found.
type taken struct {
	ds    []contract.Delivery
	next  time.Duration // until a retry is due
	spoil []contract.Outcome
}

// takeReady leases at most limit deliveries, in stored order. It may find none. A consumer that is asleep has told so before.
func (c *consumer) takeReady(ctx context.Context, limit int, asleep bool) (found *taken, err error) {
	var rows unspread
	if asleep {
		err := c.b.transactSteps(ctx, true, step{text: `INSERT INTO {asleep} (organ, process) VALUES ($1, $2) ON CONFLICT DO NOTHING`, values: []any{c.organ.number, c.b.process}})
		if err != nil {
			return nil, err
		}
	}
	steps := append(c.contactSteps(), step{text: `SELECT pg_advisory_xact_lock($1, $2)`, values: []any{c.b.locks, c.organ.number}})
	steps = append(append(steps, c.unseen.releaseSteps(c)...), step{text: reclaimExpired, values: []any{c.organ.number}})
	steps = append(steps, c.ownSteps()...)
	g := &grant{c, rand.Int64()}
	defer func() {
		if err != nil {
			c.unseen.addToken(g.token, c.lease+c.b.patience)
		}
	}()
	take := step{text: takeDeliveries, values: []any{c.organ.number, c.number, g.token, int64(c.lease), limit, int64(takeSize)}, each: func(r *row) { found.readDelivery(r, g) }}
	if lanes := c.lanes(); lanes > 1 {
		steps = append(append(append(steps, c.renewLaneSteps()...), c.ownLaneSteps(lanes)...), rows.readStep(c.organ.number))
		take.text, take.values = takeFromLanes, append(take.values, lanes)
	}
	steps = append(steps, take,
		step{text: nextDue, values: []any{c.organ.number}, each: func(r *row) {
			if next := r.integer(); next > 0 {
				found.next = time.Duration(next)
			}
		}})
	err = c.b.retryCollisions(ctx, func(ctx context.Context) error {
		found, rows = &taken{next: math.MaxInt64}, unspread{}
		return c.b.runSteps(ctx, true, steps)
	})
	if err != nil {
		return nil, err
	}
	if c.began.CompareAndSwap(false, true) {
		c.b.consuming.Add(1)
	}
	if len(rows.seqs) > 0 {
		if err := c.b.transactSteps(ctx, false, rows.fillSteps(c.organ.number)...); err != nil {
			return nil, err
		}
		found.next = 0
	}
	if len(found.spoil) > 0 {
		if _, err := c.settleAll(ctx, found.spoil); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// contactSteps say that the consumer has fetched, until it is known to have.
func (c *consumer) contactSteps() []step {
	if c.began.Load() {
		return nil
	}
	return []step{{text: `UPDATE {consumer} SET began = true WHERE number = $1`, values: []any{c.number}}}
}

// readDelivery reads a row of takeDeliveries. A delivery that cannot be read is set aside, to become a dead letter.
func (f *taken) readDelivery(r *row, g *grant) {
	d := contract.Delivery{Ref: g, Tag: uint64(r.integer())}
	d.Attempts, d.Declines, d.Declined = int32(r.between(0, envelope.MaxCount)), int32(r.between(0, envelope.MaxCount)), r.count()
	d.Suspect, d.Crashes, d.GivingUp = r.truth(), int32(r.between(0, envelope.MaxCount)), r.truth()
	event, key := r.text(), r.bytes()
	version, err := envelope.ReadRow(wire.View(r.bytes()), &d.Message)
	d.Key, d.Payload = string(key), r.bytes()
	d.Type = g.consumer.b.types.TypeOf(event, version)
	if err == nil {
		f.ds = append(f.ds, d)
		return
	}
	d.ID = contract.IDOf(fmt.Sprintf("unreadable %d", d.Tag))
	death := &contract.Death{Reason: contract.ReasonUndecodable, Error: "the stored delivery cannot be read: " + err.Error()}
	f.spoil = append(f.spoil, contract.Outcome{Delivery: &d, Kind: contract.OutcomeDead, Death: death})
}

// ownSteps have the consumer become or stay the owner of an organ that is exclusive, unless another owner is alive, and
// take back the leases of others. So a former owner settles nothing more. They wait for a settle that has begun.
func (c *consumer) ownSteps() []step {
	if binding := c.binding.Load(); binding == nil || !binding.Exclusive {
		return nil
	}
	return []step{c.ownStep(), {
		text: `UPDATE {lease} SET ` + giveUp + ` WHERE organ = $1 AND consumer NOT IN (0, $2)
			AND EXISTS (SELECT FROM {organ} WHERE number = $1 AND exclusive AND owner = $2)`,
		values: []any{c.organ.number, c.number},
	}}
}

// ownStep has the consumer become the owner of an exclusive organ that has none, or note that it is alive.
func (c *consumer) ownStep() step {
	return step{
		text: `UPDATE {organ} SET owner = $2, owner_until = (SELECT {nanos}()) + $3 WHERE number = $1 AND exclusive
			AND (owner = 0 OR owner_until <= (SELECT {nanos}()) OR owner = $2 AND owner_until < (SELECT {nanos}()) + $3::bigint / 4 * 3)`,
		values: []any{c.organ.number, c.number, int64(c.lease)},
	}
}

// keepSteps have the owner of an exclusive organ, or of lanes, note that it is alive. They come first in a transaction.
func (c *consumer) keepSteps() []step {
	if binding := c.binding.Load(); binding == nil || !binding.Exclusive {
		return c.renewLaneSteps()
	}
	return []step{{
		text: `UPDATE {organ} SET owner_until = (SELECT {nanos}()) + $3 WHERE number = $1 AND exclusive AND owner = $2
			AND owner_until < (SELECT {nanos}()) + $3::bigint / 4 * 3`,
		values: []any{c.organ.number, c.number, int64(c.lease)},
	}}
}
