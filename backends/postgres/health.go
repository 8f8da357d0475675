package postgres

import (
	"context"
	"math"
	"time"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// readOrgans counts the deliveries of each organ by their state. Those that strict order holds back behind a failed one
// count as scheduled, because no Fetch gets them now.
const readOrgans = `
	WITH now AS MATERIALIZED (SELECT {nanos}() AS at),
	last AS MATERIALIZED (SELECT organ, min(seq) AS seq FROM {wait} WHERE holds = 2 GROUP BY organ),
	held AS MATERIALIZED (SELECT * FROM {lease} WHERE consumer <> 0),
	stored AS (
		SELECT q.organ, q.seq, q.envelope, h.seq IS NOT NULL AS leased, q.seq > l.seq IS TRUE AS behind
		FROM {queue} q LEFT JOIN held h ON h.organ = q.organ AND h.seq = q.seq LEFT JOIN last l ON l.organ = q.organ
		UNION ALL
		SELECT w.organ, w.seq, w.envelope, h.seq IS NOT NULL, w.due > (SELECT at FROM now) OR w.seq > l.seq IS TRUE
		FROM {wait} w LEFT JOIN held h ON h.organ = w.organ AND h.seq = w.seq LEFT JOIN last l ON l.organ = w.organ
	), counted AS (
		SELECT organ, count(*) FILTER (WHERE NOT leased AND NOT behind) AS ready, count(*) FILTER (WHERE leased) AS leased,
			count(*) FILTER (WHERE NOT leased AND behind) AS scheduled, min(seq) FILTER (WHERE NOT leased AND NOT behind) AS first
		FROM stored GROUP BY organ
	)
	SELECT o.number, o.name, o.identity, o.paused, o.dead, o.dead_bytes, o.dead_limit > 0 AND o.dead >= o.dead_limit OR o.dead_bytes_limit > 0 AND o.dead_bytes >= o.dead_bytes_limit,
		c.ready, c.leased, c.scheduled, (SELECT at FROM now),
		coalesce((SELECT envelope FROM {queue} q WHERE q.organ = o.number AND q.seq = c.first), (SELECT envelope FROM {wait} w WHERE w.organ = o.number AND w.seq = c.first)),
		(SELECT min(since) FROM held h WHERE h.organ = o.number)
	FROM {organ} o LEFT JOIN counted c ON c.organ = o.number ORDER BY o.name`

// Health is one look at all organs, sorted by name. It counts: with a million deliveries it takes a second.
func (b *Backend) Health(ctx context.Context) (h contract.Health) {
	if b.closed.Load() {
		return contract.Health{Err: contract.ErrClosed}
	}
	organs := map[int32]int{}
	settings := [2]string{}
	err := b.transactSteps(ctx, true, step{text: trimParks, values: []any{parkLimit}})
	if err == nil {
		err = b.retryCollisions(ctx, func(ctx context.Context) error {
			h = contract.Health{}
			clear(organs)
			return b.runSteps(ctx, false, append([]step{{text: `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`}}, healthSteps(&h, organs, &settings)...))
		})
	}
	if err != nil {
		return contract.Health{Err: err}
	}
	h.Durability = describeDurability(settings)
	return h
}

func healthSteps(h *contract.Health, organs map[int32]int, settings *[2]string) []step {
	return []step{
		{text: readOrgans, each: func(r *row) {
			organs[int32(r.integer())] = len(h.Organs)
			h.Organs = append(h.Organs, readHealth(r))
		}},
		{text: `SELECT organ, open_since, failures, next_try FROM {consumer} c JOIN {process} p ON p.number = c.process WHERE until > (SELECT {nanos}())`, each: func(r *row) {
			if at, ok := organs[int32(r.integer())]; ok {
				o := &h.Organs[at]
				o.Consumers++
				o.AddBreaker(contract.BreakerState{Since: sqlstore.TimeOf(r.integer()), Failures: int(r.between(0, math.MaxInt32)), Next: sqlstore.TimeOf(r.integer())})
			}
		}},
		{text: `SELECT coalesce(name, event), coalesce(n, 0), coalesce(dropped, 0) FROM (SELECT event, count(*) AS n FROM {parked} WHERE handed = 0 GROUP BY event) e
			FULL JOIN (SELECT * FROM {park} WHERE handed = 0) p ON p.name = e.event ORDER BY 1`, each: func(r *row) {
			h.Parked = append(h.Parked, contract.ParkHealth{Event: r.text(), Parked: int(r.count()), Dropped: int(r.count())})
		}},
		{text: `SELECT count(*), greatest((SELECT {nanos}()) - min(due), 0) FROM {later}`, each: func(r *row) {
			h.Delayed, h.Overdue = int(r.count()), time.Duration(r.count())
		}},
		{text: `SELECT current_setting('synchronous_commit'), current_setting('fsync')`, each: func(r *row) { settings[0], settings[1] = r.text(), r.text() }},
	}
}

// readHealth reads a row of readOrgans behind the number.
func readHealth(r *row) (h contract.OrganHealth) {
	h.Organ, h.Identity, h.Paused = r.text(), r.text(), r.text()
	if h.Identity == h.Organ {
		h.Identity = ""
	}
	h.Dead, h.DeadBytes = int(r.count()), r.count()
	if r.truth() && h.Paused == "" {
		h.Paused = "its dead letters are full: redrive or discard some"
	}
	h.Ready, h.Leased, h.Scheduled = int(r.count()), int(r.count()), int(r.count())
	now := r.integer()
	var m contract.Message
	if first := r.bytes(); first != nil {
		if _, err := envelope.ReadRow(wire.View(first), &m); err == nil {
			h.Oldest = time.Duration(max(0, now-m.Nanos))
		}
	}
	if since := r.integer(); since != 0 {
		h.OldestLeased = time.Duration(max(0, now-since))
	}
	return h
}

// describeDurability says in words how stored events survive, by the settings synchronous_commit and fsync.
func describeDurability(settings [2]string) string {
	switch {
	case settings[1] == "off":
		return "PostgreSQL with fsync=off: a crash of the server loses nothing, one of its machine may damage the database"
	case settings[0] == "off":
		return "PostgreSQL with synchronous_commit=off: a crash of the server may lose the last commits, each as a whole"
	}
	return "PostgreSQL, write-ahead log synced at each commit (synchronous_commit=" + settings[0] + ")"
}
