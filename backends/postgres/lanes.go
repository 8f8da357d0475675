package postgres

import (
	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// A lane of an organ is a row of the table lane. A consumer has its lanes for as long as its row of the table consumer says,
// which each of its calls renews:
//
//	           Fetch of one that has too few
//	free -----------------------------------> owned <---------.
//	 ^  lease over, or Close                   |  |           | Fetch of the heir, or of one that has too few,
//	 '-----------------------------------------'  |           | once the owner holds nothing more of the lane
//	                  another has too few,        v           |
//	                  or a decline              leaving ------'
//
// Only a Fetch gives lanes, under the advisory lock of its organ, and it gives none of which anybody holds a delivery. Losing
// lanes takes back the leases of their deliveries, and so the fence of a lane is that of the deliveries: a settle by a former
// owner finds no lease. Which lane a delivery is in follows from its column spread and the number of lanes, so that nothing
// that is stored changes when that number does.

// KeepsLanes is true: the processes of an organ share its lanes.
func (b *Backend) KeepsLanes() bool { return true }

// spreadOf returns the hash that says which lane a message is in.
func spreadOf(m *contract.Message) int32 { return int32(contract.LaneHash(m.Key, m.ID)) }

// lanes returns over how many lanes the organ is spread, as far as this process knows: 1 for none.
func (c *consumer) lanes() int {
	if binding := c.binding.Load(); binding != nil && binding.Lanes > 1 {
		return binding.Lanes
	}
	return 1
}

// loseLanes has a consumer ($2) whose lanes are over lose them, with all that it holds. One that has no row, because it was
// taken for dead, has lost them, too.
const loseLanes = `
	WITH over AS MATERIALIZED (SELECT WHERE NOT EXISTS (SELECT FROM {consumer} WHERE number = $2 AND lanes_until > (SELECT {nanos}()))),
	freed AS (UPDATE {lane} SET owner = 0, heir = 0 WHERE organ = $1 AND owner = $2 AND EXISTS (SELECT FROM over))
	UPDATE {lease} SET ` + giveUp + ` WHERE organ = $1 AND consumer = $2 AND EXISTS (SELECT FROM over)`

// renewLanes notes that a consumer is there.
const renewLanes = `UPDATE {consumer} SET lanes_until = (SELECT {nanos}()) + $2 WHERE number = $1 AND lanes_until < (SELECT {nanos}()) + $2::bigint / 4 * 3`

// renewLaneSteps begin each transaction of a consumer of an organ with lanes.
func (c *consumer) renewLaneSteps() []step {
	if c.lanes() < 2 {
		return nil
	}
	return []step{
		{text: loseLanes, values: []any{c.organ.number, c.number}},
		{text: renewLanes, values: []any{c.number, int64(c.lease)}},
		{
			text:   `SELECT EXISTS (SELECT FROM {lane} WHERE organ = $1 AND owner = $2 AND heir <> 0)`,
			values: []any{c.organ.number, c.number}, each: func(r *row) { c.leaving.Store(r.truth()) },
		},
	}
}

// freeLanes frees the lanes of other consumers than this ($2) whose time is over, and takes back what they held. It waits
// for a settle of theirs that has begun. One that is being renewed is left alone.
const freeLanes = `
	WITH over AS MATERIALIZED (SELECT number FROM {consumer} c WHERE organ = $1 AND number <> $2 AND lanes_until <= (SELECT {nanos}())
			AND EXISTS (SELECT FROM {lane} l WHERE l.organ = $1 AND l.owner = c.number) FOR UPDATE SKIP LOCKED),
	gone AS MATERIALIZED (SELECT number FROM over UNION ALL SELECT DISTINCT owner FROM {lane} l WHERE organ = $1 AND owner <> 0
			AND NOT EXISTS (SELECT FROM {consumer} c WHERE c.number = l.owner)),
	freed AS (UPDATE {lane} SET owner = 0, heir = 0 WHERE organ = $1 AND owner IN (SELECT number FROM gone))
	UPDATE {lease} SET ` + giveUp + ` WHERE organ = $1 AND consumer IN (SELECT number FROM gone)`

// shareLanes gives a consumer ($2) its share of the lanes ($3) of an organ ($1), and notes which lanes others have too many of.
// Living consumers have equal quotas, the elder ones one more where it does not come out even. An owner keeps what it holds
// deliveries of before what it does not. What anybody holds is looked up only while some lane is not where it belongs. A
// transaction in which a lane changes hands waits for the log, which a Fetch else does not.
const shareLanes = `
	WITH now AS MATERIALIZED (SELECT {nanos}() AS at),
	living AS MATERIALIZED (SELECT number, $3::int / count(*) OVER () + (row_number() OVER (ORDER BY number) <= $3::int % count(*) OVER ())::int AS quota
		FROM {consumer} WHERE organ = $1 AND began AND lanes_until > (SELECT at FROM now)),
	l AS MATERIALIZED (SELECT lane, owner, heir AS was, CASE WHEN heir > 0 AND heir NOT IN (SELECT number FROM living) THEN 0 ELSE heir END AS heir,
			pinned > (SELECT at FROM now) AS pinned, (SELECT quota FROM living WHERE number = owner) AS quota
		FROM {lane} WHERE organ = $1 AND many = $3),
	unsettled AS MATERIALIZED (SELECT EXISTS (SELECT FROM l WHERE owner = 0 OR was <> 0) OR EXISTS (SELECT FROM l GROUP BY owner, quota HAVING count(*) > quota) AS yes),
	held AS MATERIALIZED (SELECT DISTINCT (r.spread & 2147483647) % $3 AS lane FROM {lease} e
		CROSS JOIN LATERAL (SELECT spread FROM {queue} q WHERE q.organ = $1 AND q.seq = e.seq UNION ALL SELECT spread FROM {wait} w WHERE w.organ = $1 AND w.seq = e.seq) r
		WHERE (SELECT yes FROM unsettled) AND e.organ = $1 AND e.consumer <> 0),
	ranked AS MATERIALIZED (SELECT *, lane IN (SELECT lane FROM held) AS held,
		row_number() OVER (PARTITION BY owner ORDER BY heir > 0, pinned DESC, heir DESC, lane NOT IN (SELECT lane FROM held), lane) AS place FROM l),
	decided AS MATERIALIZED (SELECT lane, owner, was, quota, held,
		CASE WHEN heir > 0 OR owner <> 0 AND quota IS NULL THEN heir WHEN owner = 0 OR pinned OR place <= quota THEN 0 ELSE -1 END AS heir FROM ranked),
	free AS MATERIALIZED (SELECT lane, owner, heir FROM decided WHERE NOT held AND (owner = 0 OR heir <> 0 AND quota IS NOT NULL)),
	mine AS MATERIALIZED (SELECT lane FROM free WHERE heir = $2
		UNION ALL (SELECT lane FROM free WHERE heir <= 0 AND owner <> $2 ORDER BY owner <> 0, lane
			LIMIT (SELECT greatest(0, quota - (SELECT count(*) FROM decided WHERE owner = $2 AND heir = 0 OR heir = $2)) FROM living WHERE number = $2))),
	changed AS (UPDATE {lane} t SET owner = CASE WHEN m.lane IS NULL THEN t.owner ELSE $2 END, heir = CASE WHEN m.lane IS NULL THEN d.heir ELSE 0 END
		FROM decided d LEFT JOIN mine m ON m.lane = d.lane WHERE t.organ = $1 AND t.lane = d.lane AND (m.lane IS NOT NULL OR d.heir <> d.was) RETURNING m.lane)
	` + syncTaken

// syncTaken has a transaction in which lanes were taken wait for the log as the settings of the server say.
const syncTaken = `SELECT set_config('synchronous_commit', reset_val, true) FROM pg_settings WHERE name = 'synchronous_commit' AND EXISTS (SELECT FROM changed WHERE lane IS NOT NULL)`

// ownLaneSteps have a consumer take its share of the lanes. They run under the organ's advisory lock.
func (c *consumer) ownLaneSteps(lanes int) []step {
	return []step{
		{text: freeLanes, values: []any{c.organ.number, c.number}},
		{text: shareLanes, values: []any{c.organ.number, c.number, lanes}},
	}
}

// takeFromLanes is takeDeliveries for an organ with so many lanes ($7): those of the consumer's own that it keeps. What is
// stored at or behind a row without spread is not handed out, because that row may be of any key.
var takeFromLanes = takeText(`lanes = $7`,
	`mine AS MATERIALIZED (SELECT coalesce(array_agg(lane), '{}') AS lanes FROM {lane} WHERE organ = $1 AND many = $7 AND owner = $2 AND heir = 0),
	first AS MATERIALIZED (SELECT coalesce(least((SELECT min(seq) FROM {queue} WHERE organ = $1 AND spread IS NULL),
		(SELECT min(seq) FROM {wait} WHERE organ = $1 AND spread IS NULL)), 9223372036854775807) AS seq),`,
	` AND seq < (SELECT seq FROM first) AND (spread & 2147483647) % $7 = ANY ((SELECT lanes FROM mine)::int[])`)

// passLanes hands lanes on of which a consumer ($2) has declined deliveries ($3 to $7: places, lanes, how often and since when they
// were declined before, and whether they came from the table queue): each to a consumer that has declined nothing of it since a decline
// was counted, for a while ($8) at least. The declines of such a lane are not counted, and have no delay: their deliveries stand where
// they stood. It comes behind the step that settles, and finds the lanes that are still the consumer's.
const passLanes = `
	WITH now AS MATERIALIZED (SELECT {nanos}() AS at),
	d AS MATERIALIZED (SELECT * FROM unnest($3::bigint[], $4::int[], $5::int[], $6::bigint[], $7::bool[]) AS d (seq, lane, declines, declined, fresh)),
	l AS MATERIALIZED (SELECT lane, decliners || $2::bigint AS decliners FROM {lane} WHERE organ = $1 AND owner = $2 AND lane IN (SELECT lane FROM d) ORDER BY lane FOR UPDATE),
	next AS MATERIALIZED (SELECT lane, decliners, (SELECT number FROM {consumer} c WHERE c.organ = $1 AND began AND lanes_until > (SELECT at FROM now) AND number <> ALL (l.decliners)
		ORDER BY number < $2, number LIMIT 1) AS heir FROM l),
	passed AS (UPDATE {lane} t SET heir = coalesce(n.heir, t.heir), decliners = CASE WHEN n.heir IS NULL THEN '{}' ELSE n.decliners END,
			pinned = CASE WHEN n.heir IS NULL THEN t.pinned ELSE (SELECT at FROM now) + $8 END
		FROM next n WHERE t.organ = $1 AND t.lane = n.lane),
	back AS (DELETE FROM {wait} w USING d JOIN next n ON n.lane = d.lane WHERE n.heir IS NOT NULL AND d.fresh AND w.organ = $1 AND w.seq = d.seq RETURNING w.*),
	placed AS (INSERT INTO {queue} (organ, seq, event, key, spread, envelope, payload) SELECT organ, seq, event, key, spread, envelope, payload FROM back)
	UPDATE {wait} w SET due = 0, declines = d.declines, declined = d.declined FROM d JOIN next n ON n.lane = d.lane
		WHERE n.heir IS NOT NULL AND NOT d.fresh AND w.organ = $1 AND w.seq = d.seq`

// passSteps hand on the lanes of the declined deliveries of a call.
func (s *settlement) passSteps() []step {
	lanes := s.c.lanes()
	if lanes < 2 {
		return nil
	}
	var seqs, declined []int64
	var in, declines []int32
	var fresh []bool
	for i := range s.outcomes {
		if o := &s.outcomes[i]; o.Kind == contract.OutcomeDecline {
			d := o.Delivery
			seqs, in = append(seqs, int64(d.Tag)), append(in, int32(contract.LaneOf(d.Key, d.ID, lanes)))
			declines, declined = append(declines, d.Declines), append(declined, d.Declined)
			fresh = append(fresh, d.Attempts == 0 && d.Declines == 0)
		}
	}
	if len(seqs) == 0 {
		return nil
	}
	return []step{{text: passLanes, values: []any{s.c.organ.number, s.c.number, seqs, in, declines, declined, fresh, int64(s.c.lease)}}}
}

// spreadAtOnce is how many rows without spread a Fetch gives one.
const spreadAtOnce = 1000

// unspread are rows of older programs, which have to get their spread before they are handed out.
type unspread struct {
	seqs    []int64
	spreads []int32
}

// readUnspread reads rows of an organ that have none.
func (u *unspread) readStep(organ int32) step {
	return step{
		text: `SELECT seq, key, envelope FROM (
			(SELECT seq, key, envelope FROM {queue} WHERE organ = $1 AND spread IS NULL ORDER BY seq LIMIT $2) UNION ALL
			(SELECT seq, key, envelope FROM {wait} WHERE organ = $1 AND spread IS NULL ORDER BY seq LIMIT $2)) AS rows`,
		values: []any{organ, spreadAtOnce},
		each: func(r *row) {
			seq, key := r.integer(), r.bytes()
			m := contract.Message{}
			envelope.ReadRow(wire.View(r.bytes()), &m) // one that cannot be read goes to some lane, and becomes a dead letter there
			m.Key = string(key)
			u.seqs, u.spreads = append(u.seqs, seq), append(u.spreads, spreadOf(&m))
		},
	}
}

// fillSteps write the spread of the rows that were read.
func (u *unspread) fillSteps(organ int32) (steps []step) {
	for _, table := range []string{"queue", "wait"} {
		steps = append(steps, step{
			text: `UPDATE {` + table + `} t SET spread = u.spread FROM unnest($2::bigint[], $3::int[]) AS u (seq, spread)
				WHERE t.organ = $1 AND t.seq = ANY ($2) AND t.seq = u.seq AND t.spread IS NULL`,
			values: []any{organ, u.seqs, u.spreads},
		})
	}
	return steps
}

// layLanes makes the lanes of organs whose number of lanes has changed. All of them are free: they are taken when no consumer
// holds deliveries of theirs any more.
func layLanes() []step {
	return []step{
		{text: `DELETE FROM {lane} l USING {organ} o WHERE o.number = l.organ AND o.lanes <> l.many`},
		{text: `INSERT INTO {lane} (organ, lane, many) SELECT number, lane, lanes FROM {organ} CROSS JOIN LATERAL generate_series(0, lanes - 1) AS lane
			WHERE lanes > 1 ON CONFLICT DO NOTHING`},
	}
}
