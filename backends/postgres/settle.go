package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// settleOutcomes is the one atomic step. It deletes the leases of the deliveries ($3 to $9) that the consumer ($2) of an
// organ ($1) holds, which is the fence: of two settles of a delivery one finds its lease. The rest is done for deliveries
// with a found lease alone: each leaves its table, and moves to the one that its outcome names; dead letters ($10 to $15,
// $24) are counted, and pause the organ when they halt it; emissions ($16 to $23, $25) are stored.
const settleOutcomes = `
	WITH now AS MATERIALIZED (SELECT {nanos}() AS at),
	o AS MATERIALIZED (SELECT * FROM unnest($3::bigint[], $4::bigint[], $5::int[], $6::int[], $7::int[], $8::bigint[], $9::bigint[])
		AS o (seq, token, kind, attempts, declines, declined, delay)),
	ours AS (DELETE FROM {lease} l USING o WHERE l.organ = $1 AND l.seq = ANY ($3) AND l.seq = o.seq AND l.token = o.token AND l.consumer = $2 RETURNING o.*),
	fresh AS (DELETE FROM {queue} q WHERE q.organ = $1 AND q.seq = ANY (ARRAY(SELECT seq FROM ours)) RETURNING q.seq, 0 AS holds, q.event, q.key, q.spread, q.envelope, q.payload),
	failed AS (DELETE FROM {wait} w WHERE w.organ = $1 AND w.seq = ANY (ARRAY(SELECT seq FROM ours)) RETURNING w.seq, w.holds, w.event, w.key, w.spread, w.envelope, w.payload),
	rows AS (SELECT * FROM fresh UNION ALL SELECT * FROM failed),
	again AS (INSERT INTO {wait} (organ, seq, due, attempts, declines, declined, holds, event, key, spread, envelope, payload)
		SELECT $1, r.seq, CASE WHEN delay > 0 THEN (SELECT at FROM now) + delay ELSE 0 END, attempts + (kind = 1)::int, declines + (kind = 2)::int,
			CASE WHEN kind = 2 AND declined = 0 THEN (SELECT at FROM now) ELSE declined END,
			CASE WHEN holds > 0 THEN holds WHEN organ.ordered = 2 THEN 2 WHEN organ.ordered = 1 AND r.key <> '' THEN 1 ELSE 0 END,
			r.event, r.key, r.spread, r.envelope, r.payload
		FROM rows r JOIN ours ON ours.seq = r.seq JOIN {organ} organ ON organ.number = $1 WHERE kind IN (1, 2)),
	d AS (SELECT * FROM unnest($10::bigint[], $11::bytea[], $12::text[], $13::text[], $14::text[], $15::text[], $24::bool[])
		AS d (seq, delivery, reason, error, stack, halt, gave_up)),
	buried AS (INSERT INTO {dead} (organ, delivery, event, key, spread, envelope, payload, attempts, reason, error, stack, halt, gave_up, size, at)
		SELECT $1, d.delivery, r.event, r.key, r.spread, r.envelope, r.payload, ours.attempts, d.reason, d.error, d.stack, d.halt <> '', d.gave_up,
			coalesce(octet_length(r.payload), 0) + octet_length(d.error) + octet_length(d.stack), (SELECT at FROM now)
		FROM d JOIN rows r ON r.seq = d.seq JOIN ours ON ours.seq = d.seq WHERE ours.kind = 3 ORDER BY r.seq RETURNING size),
	counted AS (UPDATE {organ} SET dead = dead + (SELECT count(*) FROM buried), dead_bytes = dead_bytes + (SELECT coalesce(sum(size), 0) FROM buried),
			paused = coalesce((SELECT max(halt) FROM d JOIN ours ON ours.seq = d.seq WHERE halt <> ''), paused)
		WHERE number = $1 AND EXISTS (SELECT FROM buried)),
	e AS (SELECT * FROM unnest($16::bigint[], $17::bytea[], $18::text[], $19::bytea[], $20::bytea[], $21::bytea[], $22::bigint[], $23::bool[], $25::int[])
		WITH ORDINALITY AS e (seq, id, event, key, envelope, payload, due, output, spread, ord) WHERE seq IN (SELECT seq FROM ours)),` +
	storeEvents + `, (SELECT array_agg(seq) FROM ours), (SELECT count(*) FROM ours WHERE kind IN (0, 3))`

// settlement is a call of Settle on its way to the statement.
type settlement struct {
	c        *consumer
	outcomes []contract.Outcome
	results  contract.Results
	parts
	kinds, attempts, declines []int32
	declined, delays          []int64
	deadSeqs                  []int64
	deaths                    [][]byte // delivery ids
	reasons, errors, stacks   []string
	halts                     []string // why the organ is paused; empty when it is not
	gaveUps                   []bool   // the give-up handler ran
	parents                   []int64  // of the emissions
	emitted                   columns
	at                        map[int64]int // where outcomes are, by the place of their delivery
	states                    stateChanges
	uniques                   uniqueParts
	stored                    stored
	done                      int64 // deliveries that are gone
}

// Settle applies outcomes, and returns what became of each. All of a call are one transaction, which is committed when Settle
// returns nil. An outcome counts only while its delivery is leased to the consumer, and while its key has the state that it has
// read.
func (c *consumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	if err := c.checkOpen(); err != nil {
		return nil, err
	}
	for i := range outcomes {
		if err := outcomes[i].Check(); err != nil {
			return nil, err
		}
	}
	results, err := c.settleAll(ctx, outcomes)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(results, func(r contract.Result) bool { return r != contract.ResultApplied }) {
		return results, nil
	}
	return nil, nil
}

func (c *consumer) settleAll(ctx context.Context, outcomes []contract.Outcome) (results contract.Results, err error) {
	var s *settlement
	if hasState(outcomes) {
		err = c.b.runTransaction(ctx, func(ctx context.Context, tx pgx.Tx) error {
			s = &settlement{c: c, outcomes: outcomes}
			return s.settleStates(ctx, tx)
		})
	} else {
		err = c.b.retryCollisions(ctx, func(ctx context.Context) error {
			s = &settlement{c: c, outcomes: outcomes}
			s.collectOutcomes()
			return c.b.runSteps(ctx, false, append(c.keepSteps(), s.settleSteps()...))
		})
	}
	if err != nil {
		return nil, err
	}
	s.wakeWaiters()
	return s.results, nil
}

// collectOutcomes turns outcomes into the arrays of the statement. All count as lost until the statement says otherwise. The second
// of two outcomes of a delivery is left out, and so is one in conflict.
func (s *settlement) collectOutcomes() {
	if s.results == nil {
		s.results = make(contract.Results, len(s.outcomes))
	}
	s.at = map[int64]int{}
	s.seqs, s.tokens = []int64{}, []int64{}
	for i := range s.outcomes {
		o := &s.outcomes[i]
		if s.results[i] == contract.ResultConflict {
			continue
		}
		s.results[i] = contract.ResultLost
		g, ok := o.Delivery.Ref.(*grant)
		seq := int64(o.Delivery.Tag)
		if _, twice := s.at[seq]; twice || !ok || g.consumer != s.c {
			continue
		}
		s.at[seq] = i
		s.addOutcome(o, g)
	}
}

// addOutcome adds a row to the arrays.
func (s *settlement) addOutcome(o *contract.Outcome, g *grant) {
	d, kind, death, seq := o.Delivery, o.Kind, o.Death, int64(o.Delivery.Tag)
	if kind == contract.OutcomeAck || kind == contract.OutcomeDead {
		emit, err := encodeEmitted(o)
		if err != nil { // what the spine has not encoded, and cannot be
			kind, death = contract.OutcomeDead, &contract.Death{Reason: contract.ReasonEmission, Error: err.Error()}
		} else {
			s.addEmitted(seq, emit)
		}
		if d.Unique != 0 {
			s.uniques.add(d, g)
		}
	}
	s.seqs, s.tokens = append(s.seqs, seq), append(s.tokens, g.token)
	s.kinds = append(s.kinds, int32(kind))
	s.attempts, s.declines = append(s.attempts, d.Attempts), append(s.declines, d.Declines)
	s.declined = append(s.declined, d.Declined)
	s.delays = append(s.delays, int64(min(o.Delay, longest)))
	if kind == contract.OutcomeDead {
		s.addDeath(seq, d, death)
	}
}

// longest is how long a delivery waits at most, so that its time is one that the database can hold.
const longest = 100 * 365 * 24 * time.Hour

func (s *settlement) addEmitted(parent int64, msgs []contract.Message) {
	for i := range msgs {
		s.parents = append(s.parents, parent)
		s.emitted.addMessage(&msgs[i])
	}
}

func (s *settlement) addDeath(seq int64, d *contract.Delivery, death *contract.Death) {
	identity := s.c.sub.Organ
	if binding := s.c.binding.Load(); binding != nil {
		identity = binding.Identity
	}
	delivery, halt := contract.DeliveryID(d.ID, identity), ""
	if death.Halt {
		halt = plainText(fmt.Sprintf("halted at %s %s", d.Type.Name, d.ID))
	}
	s.deadSeqs, s.deaths = append(s.deadSeqs, seq), append(s.deaths, delivery[:])
	s.reasons, s.errors = append(s.reasons, plainText(string(death.Reason))), append(s.errors, plainText(death.Error))
	s.stacks, s.halts = append(s.stacks, plainText(death.Stack)), append(s.halts, halt)
	s.gaveUps = append(s.gaveUps, death.GaveUp)
}

// encodeEmitted returns what a handled delivery emitted in bytes, and an error when the database does not take that, or its state.
func encodeEmitted(o *contract.Outcome) ([]contract.Message, error) {
	if o.State != nil && len(o.State.Value) > maxPayload {
		return nil, fmt.Errorf("the state of key %.40q has %d bytes, and the database takes %d: keep large data elsewhere", o.Delivery.Key, len(o.State.Value), maxPayload)
	}
	return sqlstore.EncodeAll(o.Emit, checkSize)
}

// settleSteps settle the collected outcomes.
func (s *settlement) settleSteps() []step {
	return append(append(s.uniqueSteps(), s.settleStep()), s.passSteps()...)
}

// settleStep returns the statement that settles the collected outcomes.
func (s *settlement) settleStep() step {
	e := &s.emitted
	return step{
		text: settleOutcomes,
		values: []any{s.c.organ.number, s.c.number, s.seqs, s.tokens, nonNil(s.kinds), nonNil(s.attempts), nonNil(s.declines), nonNil(s.declined), nonNil(s.delays),
			nonNil(s.deadSeqs), nonNil(s.deaths), nonNil(s.reasons), nonNil(s.errors), nonNil(s.stacks), nonNil(s.halts),
			nonNil(s.parents), nonNil(e.ids), nonNil(e.events), nonNil(e.keys), nonNil(e.envelopes), nonNil(e.payloads), nonNil(e.dues), nonNil(e.outputs), nonNil(s.gaveUps), nonNil(e.spreads)},
		each: func(r *row) {
			s.stored.readColumns(r)
			for _, seq := range listOf[int64](r) {
				s.results[s.at[seq]] = contract.ResultApplied
			}
			s.done = r.count()
		},
	}
}

// wakeWaiters wakes the calls that the commit lets go on: Publish where room was made, Fetch where events were stored, or
// keys or lanes were freed. It is called once the transaction is committed, because a woken call looks at the tables.
func (s *settlement) wakeWaiters() {
	b := s.c.b
	b.held.Add(-s.done)
	if s.done > 0 {
		b.room.WakeAll()
	}
	b.noteStored(&s.stored)
	if slices.ContainsFunc(s.kinds, func(k int32) bool { return contract.OutcomeKind(k) != contract.OutcomeAck }) || s.releasesOthers() || s.c.leaving.Load() {
		b.wakeOrgans([]int32{s.c.organ.number})
		b.waker.addNews([]int32{s.c.organ.number})
	}
}

// releasesOthers reports whether a delivery that had failed is done, behind which others may have waited.
func (s *settlement) releasesOthers() bool {
	binding := s.c.binding.Load()
	if binding == nil || binding.Order == contract.OrderFirstAttempts {
		return false
	}
	return slices.ContainsFunc(s.outcomes, func(o contract.Outcome) bool { return o.Delivery.Attempts > 0 || o.Delivery.Declines > 0 })
}
