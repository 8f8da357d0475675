package postgres

import (
	"context"
	"time"
)

const (
	// parkLimit is how many events of one name wait for a first subscriber; beyond it the oldest are let go and counted.
	parkLimit = 10_000
	// parkGrace is how long after the first binding other organs still get the park.
	parkGrace = time.Minute
)

// handover is what a Subscribe has bound: an organ, and the events that are new to it.
type handover struct {
	organ  int32
	events []string
}

// handParks gives organs the parked events of names: the events that no organ has got and, in the grace, those that these
// organs have not got. All of it is one statement, so that all organs get the same. An event that is parked at the same
// time is given to them by a sweep.
const handParks = `
	WITH now AS MATERIALIZED (SELECT {nanos}() AS at),
	pairs AS MATERIALIZED (SELECT p.organ, p.event, o.identity FROM unnest($1::int[], $2::text[]) AS p (organ, event) JOIN {organ} o ON o.number = p.organ),
	given AS (INSERT INTO {queue} (organ, event, key, spread, envelope, payload)
		SELECT p.organ, e.event, e.key, e.spread, e.envelope, e.payload FROM pairs p JOIN {parked} e ON e.event = p.event LEFT JOIN {park} k ON k.name = e.event
		WHERE e.handed = 0 OR k.handed > (SELECT at FROM now) - $3 AND NOT p.identity = ANY (k.taken) ORDER BY e.number, p.organ RETURNING organ, envelope),` + handUniques + `
	noted AS (INSERT INTO {park} (name, handed, taken)
		SELECT event, (SELECT at FROM now), array_agg(identity) FROM pairs p WHERE EXISTS (SELECT FROM {parked} e WHERE e.event = p.event) GROUP BY event
		ON CONFLICT (name) DO UPDATE SET taken = park.taken || excluded.taken, handed = CASE park.handed WHEN 0 THEN excluded.handed ELSE park.handed END),
	marked AS (UPDATE {parked} SET handed = (SELECT at FROM now) WHERE handed = 0 AND event IN (SELECT event FROM pairs))
	SELECT array_agg(DISTINCT organ), 0::bigint, count(*) FROM given`

// handStep returns the step that hands parks over.
func handStep(organs []int32, events []string, s *stored) step {
	return step{text: handParks, values: []any{organs, events, int64(parkGrace)}, each: s.readColumns}
}

// handOver gives organs the parks of the names that they were just bound to, in the order in which the events were published.
func (s *subscribing) handOver(all []handover) error {
	var organs []int32
	var events []string
	for _, h := range all {
		for _, event := range h.events {
			organs, events = append(organs, h.organ), append(events, event)
		}
	}
	if len(organs) == 0 {
		return nil
	}
	return s.runSteps(handStep(organs, events, &s.stored))
}

// trimParks lets the oldest events go of names that have too many, and counts them.
const trimParks = `
	WITH crowded AS (SELECT event FROM {parked} WHERE handed = 0 GROUP BY event HAVING count(*) > $1),
	removed AS (DELETE FROM {parked} WHERE number IN (SELECT p.number FROM crowded c
		CROSS JOIN LATERAL (SELECT number FROM {parked} WHERE event = c.event AND handed = 0 ORDER BY number DESC OFFSET $1) p) RETURNING event, envelope),
	free AS (DELETE FROM {uniq} WHERE id IN (SELECT ` + parkedID + ` FROM removed) AND organs IS NULL)
	INSERT INTO {park} (name, dropped) SELECT event, count(*) FROM removed GROUP BY event ON CONFLICT (name) DO UPDATE SET dropped = park.dropped + excluded.dropped`

// parkSteps trim the parks, and forget those whose grace is over.
func parkSteps() []step {
	return []step{
		{text: trimParks, values: []any{parkLimit}},
		{text: `DELETE FROM {parked} WHERE handed <> 0 AND handed < (SELECT {nanos}()) - $1`, values: []any{int64(parkGrace)}},
		{text: `DELETE FROM {park} WHERE handed <> 0 AND handed < (SELECT {nanos}()) - $1`, values: []any{int64(parkGrace)}},
	}
}

// handLate hands over events that were parked while an organ was bound to them.
func (b *Backend) handLate(ctx context.Context) error {
	var organs []int32
	var events []string
	err := b.transactSteps(ctx, true, step{
		text: `SELECT organ, event FROM {bound} b WHERE EXISTS (SELECT FROM {parked} p WHERE p.event = b.event AND p.handed = 0)`,
		each: func(r *row) { organs, events = append(organs, int32(r.integer())), append(events, r.text()) },
	})
	if err != nil || len(organs) == 0 {
		return err
	}
	var s stored
	lock := step{text: `SELECT pg_advisory_xact_lock($1, $2)`, values: []any{b.locks, lockBindings}}
	if err := b.transactSteps(ctx, false, lock, handStep(organs, events, &s)); err != nil {
		return err
	}
	b.noteStored(&s)
	return nil
}
