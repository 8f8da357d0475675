package postgres

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/runtime/contract"
)

// A record of an organ with state is a row of the table state. A settle locks the rows of its keys in their order, reads the
// mark of each once, compares the outcomes of the key with it one after the other, and writes what the last one that passes
// has left. A row whose time is over counts as absent; a sweep deletes it.

// hasState reports whether an outcome has a state.
func hasState(outcomes []contract.Outcome) bool {
	return slices.ContainsFunc(outcomes, func(o contract.Outcome) bool { return o.State != nil })
}

// stateChanges is what one call of Settle does with the records of an organ, by key.
type stateChanges map[string]*stateChange

// stateChange is what a call does with one record.
type stateChange struct {
	mark  uint64               // of the record behind the outcomes so far
	write *contract.StateWrite // what the last of them has left; nil while none has passed
}

// settleStates settles outcomes with states: one round trip locks the leases and the records and reads them, and a second one
// writes.
func (s *settlement) settleStates(ctx context.Context, tx pgx.Tx) error {
	held, err := s.lockStates(ctx, tx)
	if err != nil {
		return err
	}
	s.compareStates(held)
	s.collectOutcomes()
	return s.c.b.runInside(ctx, tx, append(s.stateSteps(), s.settleSteps()...)...)
}

// lockStates locks the leases of the call and the records of its keys, and returns which deliveries are ours. A key without a
// record gets a row with the mark 0, so that there is one to lock.
func (s *settlement) lockStates(ctx context.Context, tx pgx.Tx) (held map[parted]bool, err error) {
	var ds []*contract.Delivery
	var keys [][]byte
	for i := range s.outcomes {
		ds = append(ds, s.outcomes[i].Delivery)
		if s.outcomes[i].State != nil {
			keys = append(keys, []byte(s.outcomes[i].Delivery.Key))
		}
	}
	p := s.c.partsOf(ds)
	held, s.states = map[parted]bool{}, stateChanges{}
	n := s.c.organ.number
	return held, s.c.b.runInside(ctx, tx, append(s.c.keepSteps(),
		step{
			text: `SELECT l.seq, l.token FROM {lease} l JOIN unnest($3::bigint[], $4::bigint[]) AS p (seq, token) ON l.seq = p.seq AND l.token = p.token
				WHERE l.organ = $1 AND l.seq = ANY ($3) AND l.consumer = $2 ORDER BY l.seq FOR UPDATE OF l`,
			values: []any{n, s.c.number, p.seqs, p.tokens}, each: func(r *row) { held[parted{r.integer(), r.integer()}] = true },
		},
		step{
			text: `INSERT INTO {state} (organ, key, mark, version, until, value) SELECT $1, k, 0, 0, 1, '' FROM (SELECT DISTINCT unnest($2::bytea[]) AS k) AS keys
				WHERE NOT EXISTS (SELECT FROM {state} WHERE organ = $1 AND key = k) ORDER BY k ON CONFLICT DO NOTHING`,
			values: []any{n, keys},
		},
		step{
			text: `SELECT key, CASE WHEN until = 0 OR until > (SELECT {nanos}()) THEN mark ELSE 0 END FROM {state}
				WHERE organ = $1 AND key = ANY ($2::bytea[]) ORDER BY key FOR UPDATE`,
			values: []any{n, keys}, each: func(r *row) { s.states[string(r.bytes())] = &stateChange{mark: uint64(r.integer())} },
		})...)
}

// compareStates notes which outcomes are in conflict, and what the others do with the records. An outcome whose lease is lost
// changes no record.
func (s *settlement) compareStates(held map[parted]bool) {
	s.results = make(contract.Results, len(s.outcomes))
	seen := map[parted]bool{}
	for i := range s.outcomes {
		o := &s.outcomes[i]
		g, ok := o.Delivery.Ref.(*grant)
		if !ok || g.consumer != s.c || o.State == nil {
			continue
		}
		p := parted{int64(o.Delivery.Tag), g.token}
		if !held[p] || seen[p] {
			continue
		}
		seen[p] = true
		if !s.states.takesPart(o) {
			s.results[i] = contract.ResultConflict
		}
	}
}

// takesPart reports whether the record of the outcome's key has the mark that the outcome has read.
func (s stateChanges) takesPart(o *contract.Outcome) bool {
	change := s[o.Delivery.Key]
	if change == nil { // a sweep has removed the row meanwhile
		change = &stateChange{}
		s[o.Delivery.Key] = change
	}
	if change.mark != o.State.Read {
		return false
	}
	if _, err := encodeEmitted(o); err == nil { // else the delivery becomes a dead letter, and its state stays
		change.mark, change.write = o.State.Write, o.State
	}
	return true
}

// stateSteps write the records that have changed, and remove the rows that were made to be locked.
func (s *settlement) stateSteps() []step {
	var keys, values [][]byte
	var marks, lives []int64
	var versions []int32
	for key, change := range s.states {
		if w := change.write; w != nil && w.Write != 0 {
			keys, values = append(keys, []byte(key)), append(values, nonNil(w.Value))
			marks, versions, lives = append(marks, int64(w.Write)), append(versions, int32(w.Version)), append(lives, int64(min(w.TTL, longest)))
		}
	}
	steps := []step{{
		text: `INSERT INTO {state} (organ, key, mark, version, until, value)
			SELECT $1, key, mark, version, CASE ttl WHEN 0 THEN 0 ELSE (SELECT {nanos}()) + ttl END, value
			FROM unnest($2::bytea[], $3::bigint[], $4::int[], $5::bigint[], $6::bytea[]) AS w (key, mark, version, ttl, value) ORDER BY key
			ON CONFLICT (organ, key) DO UPDATE SET mark = excluded.mark, version = excluded.version, until = excluded.until, value = excluded.value`,
		values: []any{s.c.organ.number, nonNil(keys), nonNil(marks), nonNil(versions), nonNil(lives), nonNil(values)},
	}}
	var over [][]byte
	for key, change := range s.states {
		if change.mark == 0 {
			over = append(over, []byte(key))
		}
	}
	if len(over) == 0 {
		return steps
	}
	return append(steps, step{
		text:   `DELETE FROM {state} WHERE organ = $1 AND key = ANY ($2::bytea[]) AND (mark = 0 OR key = ANY ($3::bytea[]))`,
		values: []any{s.c.organ.number, over, nonNil(s.states.removedKeys())},
	})
}

// removedKeys returns the keys whose records are removed.
func (s stateChanges) removedKeys() (keys [][]byte) {
	for key, change := range s {
		if change.write != nil && change.write.Write == 0 {
			keys = append(keys, []byte(key))
		}
	}
	return keys
}

// organNumber returns the step that reads the number of an organ by any name that it has had; it stays 0 for an unknown one.
func organNumber(name string, n *int32) step {
	return step{text: `SELECT organ FROM {name} WHERE name = $1`, values: []any{plainText(name)}, each: func(r *row) { *n = int32(r.integer()) }}
}

// noOrgan is the error of a call for an organ that is not known.
func noOrgan(name string) error {
	return contract.Permanent(fmt.Errorf("organ %s: %w", name, contract.ErrNoOrgan))
}

// LoadStates returns the records of some keys of an organ, in the order of the keys: all as they are at one time.
func (b *Backend) LoadStates(ctx context.Context, organ string, keys []string) ([]contract.StateRecord, error) {
	if b.closed.Load() {
		return nil, contract.ErrClosed
	}
	asked := make([][]byte, len(keys))
	for i, key := range keys {
		asked[i] = []byte(key)
	}
	var n int32
	records := make([]contract.StateRecord, len(keys))
	err := b.transactSteps(ctx, true, organNumber(organ, &n), step{
		text: `SELECT k.at, s.mark, s.version, s.value FROM unnest($2::bytea[]) WITH ORDINALITY AS k (key, at) JOIN {state} s ON s.key = k.key
			WHERE s.organ = (SELECT organ FROM {name} WHERE name = $1) AND mark <> 0 AND (until = 0 OR until > (SELECT {nanos}()))`,
		values: []any{plainText(organ), asked},
		each:   func(r *row) { records[r.integer()-1] = readRecord(r) },
	})
	if err == nil && n == 0 {
		err = noOrgan(organ)
	}
	if err != nil {
		return nil, err
	}
	return records, nil
}

func readRecord(r *row) contract.StateRecord {
	return contract.StateRecord{Mark: uint64(r.integer()), Version: int(r.between(0, math.MaxInt32)), Value: r.bytes()}
}

// A page of RangeStates has no more records, and ends behind the one that passes so many bytes, so that its memory is
// bounded.
const (
	mostStates    = 1000
	mostStateSize = 4 << 20
)

// cursors are the keys at which pages have ended.
var cursors = base64.RawURLEncoding.Strict()

// RangeStates returns a page of an organ's records, in the order of their keys.
func (b *Backend) RangeStates(ctx context.Context, organ, after string, limit int) (page []contract.KeyedState, next string, err error) {
	if b.closed.Load() {
		return nil, "", contract.ErrClosed
	}
	if limit < 1 {
		return nil, "", contract.Permanent(fmt.Errorf("list the states of organ %s: the limit is %d: ask for at least 1 record", organ, limit))
	}
	behind, err := cursors.DecodeString(after)
	if err != nil {
		return nil, "", contract.Permanent(fmt.Errorf("list the states of organ %s: no page has ended at %.40q: begin at the first", organ, after))
	}
	limit = min(limit, mostStates)
	var n int32
	err = b.transactSteps(ctx, true, organNumber(organ, &n), step{
		text: `SELECT key, mark, version, value FROM (SELECT *, sum(octet_length(key) + octet_length(value)) OVER (ORDER BY key) - octet_length(key) - octet_length(value) AS before
			FROM (SELECT * FROM {state} WHERE organ = (SELECT organ FROM {name} WHERE name = $1) AND key > $2 AND mark <> 0 AND (until = 0 OR until > (SELECT {nanos}()))
				ORDER BY key LIMIT $3) AS first) AS sized WHERE before <= $4 ORDER BY key`,
		values: []any{plainText(organ), nonNil(behind), limit, mostStateSize},
		each: func(r *row) {
			page = append(page, contract.KeyedState{Key: string(r.bytes()), StateRecord: readRecord(r)})
		},
	})
	if err == nil && n == 0 {
		err = noOrgan(organ)
	}
	if err != nil || len(page) == 0 {
		return nil, "", err
	}
	if last := page[len(page)-1].Key; len(page) == limit || sizeOf(page) > mostStateSize {
		next = cursors.EncodeToString([]byte(last))
	}
	return page, next, nil
}

// sizeOf returns the bytes of records and their keys.
func sizeOf(page []contract.KeyedState) (size int) {
	for i := range page {
		size += len(page[i].Key) + len(page[i].Value)
	}
	return size
}
