package postgres

import (
	"crypto/sha256"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A unique event is a row of the table uniq, in the place of its name and key, until it is done or its time is over:
//
//	Publish            routed to its organs        each settles                     the last one settles
//	-------> organs = NULL ------------> organs = {1,2} ------> organs = {2} -------------------------> no row
//
// A row whose time (until) is over is free: the next event of the place takes it, and a sweep deletes it.
//
// Statements compare the id of the event, so that an event which is late ends nothing of the one that came after it. Events that
// are not unique have no row, and their statements do not look for one, but for those that route a schedule or a park.

// KeepsUnique is true: of a unique event's name and key one at a time is stored.
func (b *Backend) KeepsUnique() bool { return true }

// placeOf returns the place of a unique event, and nil for another one. It is a hash, because an index takes no long keys. No
// name has a zero byte.
func placeOf(m *contract.Message) []byte {
	if m.Unique == 0 {
		return nil
	}
	place := sha256.Sum256([]byte(m.Type.Name + "\x00" + m.Key))
	return place[:]
}

// publishUnique is publishEvents where some events are unique ($10 and $11: their places and times; $12 is the spread of all). It returns for each
// duplicate also the id of the event that is there. The places are taken before ids are remembered: an event that finds its place
// taken was never published. Of two calls with one place the second waits until the first is committed or rolled back, and then
// reads who has the place. A place that is seen to be taken is not locked, so that a transaction which stays open does not hold up
// the settle of the event that is there.
const publishUnique = `
	WITH now AS MATERIALIZED (SELECT {nanos}() AS at),
	given AS MATERIALIZED (SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bool[], $8::bigint[], $10::bytea[], $11::bigint[], $12::int[])
			WITH ORDINALITY AS g (id, event, key, envelope, payload, due, output, memory, place, within, spread, ord)),
	known AS MATERIALIZED (SELECT ord, coalesce(
			(SELECT u.id FROM {uniq} u WHERE within > 0 AND u.place = g.place AND u.until > (SELECT at FROM now)),
			(SELECT u.id FROM {uniq} u WHERE within > 0 AND u.id = g.id AND u.until > (SELECT at FROM now) LIMIT 1),
			(SELECT o.id FROM {once} o WHERE memory > 0 AND o.id = g.id AND o.at >= (SELECT at FROM now) - $9),
			(SELECT l.id FROM {later} l WHERE within > 0 AND g.due <> 0 AND l.id = g.id)) AS id FROM given g),
	first AS MATERIALIZED (` + selectNew + `),
	placed AS (INSERT INTO {uniq} AS u (place, event, id, until, organs)
		SELECT DISTINCT ON (place) place, event, id,
			CASE WHEN due = 0 AND output AND NOT EXISTS (SELECT FROM {bound} b WHERE b.event = f.event) THEN 0
				ELSE least(greatest(due, (SELECT at FROM now)), 9223372036854775807 - within) + within END,
			CASE WHEN due = 0 THEN (SELECT array_agg(b.organ) FROM {bound} b WHERE b.event = f.event) END
		FROM first f ORDER BY place, ord
		ON CONFLICT (place) DO UPDATE SET event = excluded.event,
			id = CASE WHEN u.until > (SELECT at FROM now) THEN u.id ELSE excluded.id END,
			until = CASE WHEN u.until > (SELECT at FROM now) THEN u.until ELSE excluded.until END,
			organs = CASE WHEN u.until > (SELECT at FROM now) THEN u.organs ELSE excluded.organs END
		RETURNING u.place, u.id),
	may AS MATERIALIZED (SELECT * FROM given g WHERE within = 0 OR EXISTS (SELECT FROM placed p JOIN first f ON f.place = p.place AND f.id = p.id WHERE f.ord = g.ord)),
	fresh AS (INSERT INTO {once} AS o (id, at) SELECT DISTINCT ON (id) id, (SELECT at FROM now) + memory - $9 FROM may WHERE memory > 0 ORDER BY id, ord
		ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE o.at < (SELECT at FROM now) - $9 RETURNING id),
	e AS (SELECT * FROM may WHERE memory = 0 UNION ALL
		(SELECT DISTINCT ON (id) * FROM may WHERE memory > 0 AND id IN (SELECT id FROM fresh) ORDER BY id, ord)),` + storeEvents + `,
	(SELECT array_agg(ord::int4 ORDER BY ord) FROM given WHERE ord NOT IN (SELECT ord FROM e) OR due <> 0 AND id NOT IN (SELECT id FROM delayed)),
	(SELECT array_agg(coalesce(k.id, p.id, g.id) ORDER BY g.ord) FROM given g JOIN known k ON k.ord = g.ord LEFT JOIN placed p ON p.place = g.place
		WHERE g.ord NOT IN (SELECT ord FROM e) OR g.due <> 0 AND g.id NOT IN (SELECT id FROM delayed))`

// selectNew are the unique events of a call of which no place and no id is seen to be taken, one of an id.
const selectNew = `SELECT DISTINCT ON (g.id) g.* FROM given g JOIN known k ON k.ord = g.ord WHERE within > 0 AND k.id IS NULL ORDER BY g.id, g.ord`

// routeUniques notes which organs get the events of the table e, of a statement that routes a schedule.
const routeUniques = `
	placed AS (UPDATE {uniq} u SET organs = (SELECT array_agg(b.organ) FROM {bound} b WHERE b.event = e.event),
			until = CASE WHEN e.output AND NOT EXISTS (SELECT FROM {bound} b WHERE b.event = e.event) THEN 0 ELSE u.until END
		FROM e WHERE u.id = e.id),`

// handUniques notes which organs get the parked events of the table given. An event that is done stays so.
const handUniques = `
	placed AS (UPDATE {uniq} u SET organs = u.organs || g.organs
		FROM (SELECT ` + parkedID + ` AS id, array_agg(organ) AS organs FROM given GROUP BY 1) g WHERE u.id = g.id AND u.until > 0),`

// parkedID is the id in the envelope of a parked event.
const parkedID = `substring(envelope FROM 5 FOR 16)`

// settleUniques notes that an organ ($1) is done with unique events, as far as its consumer ($2) has their leases ($3 to
// $5). It locks these leases, so that the settle behind it in the transaction finds the same. Of two organs that settle an
// event at the same time the second waits for the row, and a row that was waited for is read as the first has left it.
const settleUniques = `
	WITH ours AS MATERIALIZED (SELECT o.id FROM {lease} l JOIN unnest($3::bigint[], $4::bigint[], $5::bytea[]) AS o (seq, token, id) ON l.seq = o.seq AND l.token = o.token
		WHERE l.organ = $1 AND l.seq = ANY ($3) AND l.consumer = $2 ORDER BY l.seq FOR UPDATE OF l),
	locked AS MATERIALIZED (SELECT id, organs FROM {uniq} WHERE id = ANY (ARRAY(SELECT id FROM ours)) AND $1 = ANY (organs) AND ` + isHeld + ` ORDER BY id ` + readLatest + `),
	done AS (DELETE FROM {uniq} WHERE id = ANY (ARRAY(SELECT id FROM locked WHERE ` + isLast + `)))
	UPDATE {uniq} SET organs = array_remove(organs, $1) WHERE id = ANY (ARRAY(SELECT id FROM locked WHERE NOT ` + isLast + `))`

const (
	// isHeld says that the time of a place is not over. Another transaction may be taking one that is free.
	isHeld = `until > (SELECT {nanos}())`
	// readLatest waits for rows that other transactions are changing, and reads what these have left.
	readLatest = `FOR UPDATE`
	// isLast says that no organ but this one has the event.
	isLast = `organs <@ ARRAY[$1::int]`
)

// uniqueParts are deliveries of unique events that a settle is done with.
type uniqueParts struct {
	seqs, tokens []int64
	ids          [][]byte
}

func (u *uniqueParts) add(d *contract.Delivery, g *grant) {
	u.seqs, u.tokens, u.ids = append(u.seqs, int64(d.Tag)), append(u.tokens, g.token), append(u.ids, d.ID[:])
}

// uniqueSteps note that the organ is done with the unique events among the collected outcomes. They come before the step that
// settles, which deletes the leases.
func (s *settlement) uniqueSteps() []step {
	u := &s.uniques
	if len(u.seqs) == 0 {
		return nil
	}
	return []step{{text: settleUniques, values: []any{s.c.organ.number, s.c.number, u.seqs, u.tokens, u.ids}}}
}

// forgetUniques notes that an organ is gone with all of its deliveries.
func forgetUniques(n int32) step {
	return step{
		text:   `UPDATE {uniq} SET organs = array_remove(organs, $1), until = CASE WHEN organs <@ ARRAY[$1::int] THEN 0 ELSE until END WHERE $1 = ANY (organs)`,
		values: []any{n},
	}
}

// sweepUniques deletes rows that are free. One that is being taken is left alone.
func sweepUniques() step {
	return step{
		text: `DELETE FROM {uniq} u USING (SELECT place FROM {uniq} WHERE until <= (SELECT {nanos}()) LIMIT $1 FOR UPDATE SKIP LOCKED) o
			WHERE u.place = o.place`,
		values: []any{sweepAtOnce},
	}
}
