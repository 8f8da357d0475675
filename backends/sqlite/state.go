package sqlite

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A record of an organ with state is a row of the table state. The transaction of a settle reads the mark of each key once,
// compares the outcomes of the key with it one after the other, and writes what the last one that passes has left. A row
// whose time is over counts as absent; the watcher deletes it.

// stateChanges is what one call of Settle does with the records of an organ.
type stateChanges struct {
	organ *organ
	byKey map[string]*stateChange
}

// stateChange is what a call does with one record.
type stateChange struct {
	mark  uint64               // of the record behind the outcomes so far
	write *contract.StateWrite // what the last of them has left; nil while none has passed
}

// takesPart reports whether the record of the outcome's key has the mark that the outcome has read.
func (s *stateChanges) takesPart(t *transaction, o *contract.Outcome) (bool, error) {
	if o.State == nil {
		return true, nil
	}
	change := s.byKey[o.Delivery.Key]
	if change == nil {
		mark, err := t.queryNumber(`SELECT mark FROM state WHERE organ = ? AND key = ? AND (until = 0 OR until > ?)`, s.organ.number, []byte(o.Delivery.Key), t.now)
		if err != nil {
			return false, err
		}
		change = &stateChange{mark: uint64(mark)}
		s.byKey[o.Delivery.Key] = change
	}
	if change.mark != o.State.Read {
		return false, nil
	}
	if _, err := encodeEmitted(o); err == nil { // else the delivery becomes a dead letter, and its state stays
		change.mark, change.write = o.State.Write, o.State
	}
	return true, nil
}

// saveRecords writes the records that have changed.
func (s *stateChanges) saveRecords(t *transaction) error {
	for key, change := range s.byKey {
		if change.write == nil {
			continue
		}
		if err := t.writeState(s.organ, key, change.write); err != nil {
			return err
		}
	}
	return nil
}

// writeState replaces the record of a key, or removes it.
func (t *transaction) writeState(o *organ, key string, w *contract.StateWrite) error {
	if w.Write == 0 {
		_, err := t.exec(`DELETE FROM state WHERE organ = ? AND key = ?`, o.number, []byte(key))
		return err
	}
	until, value := int64(0), w.Value
	if w.TTL > 0 {
		until = t.now + min(int64(w.TTL), math.MaxInt64-t.now)
	}
	if value == nil {
		value = []byte{} // the column takes no NULL
	}
	t.size += len(key) + len(value)
	_, err := t.exec(`INSERT INTO state (organ, key, mark, version, until, value) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (organ, key)
		DO UPDATE SET mark = excluded.mark, version = excluded.version, until = excluded.until, value = excluded.value`,
		o.number, []byte(key), int64(w.Write), w.Version, until, value)
	return err
}

// sweepStates deletes records whose time is over. When very many are, others get in between.
func (t *transaction) sweepStates() error {
	_, err := t.exec(`DELETE FROM state WHERE number IN (SELECT number FROM state WHERE until > 0 AND until <= ? LIMIT ?)`, t.now, promoteAtOnce)
	return err
}

// readOrganNumber returns the number of an organ by any name that it has had.
func readOrganNumber(s *session, name string) (int64, error) {
	n, err := s.queryNumber(`SELECT organ FROM name WHERE name = ?`, name)
	if err == nil && n == 0 {
		err = contract.Permanent(fmt.Errorf("organ %s: %w", name, contract.ErrNoOrgan))
	}
	return n, err
}

// LoadStates returns the records of some keys of an organ, in the order of the keys: all as they are at one time.
func (b *Backend) LoadStates(_ context.Context, organ string, keys []string) (records []contract.StateRecord, err error) {
	err = b.readSnapshot(func(s *session) error {
		n, err := readOrganNumber(s, organ)
		if err != nil {
			return err
		}
		records = make([]contract.StateRecord, len(keys))
		now := time.Now().UnixNano()
		for i, key := range keys {
			err := s.query(func(r *row) error { records[i] = readRecord(r); return nil },
				`SELECT mark, version, value FROM state WHERE organ = ? AND key = ? AND (until = 0 OR until > ?)`, n, []byte(key), now)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

func readRecord(r *row) contract.StateRecord {
	return contract.StateRecord{Mark: uint64(r.integer()), Version: int(r.integer()), Value: r.bytes()}
}

// A page of RangeStates has no more records, and ends behind the one that passes so many bytes, so that its memory is
// bounded.
const (
	mostStates    = 1000
	mostStateSize = 4 << 20
)

// RangeStates returns a page of an organ's records, in the order of their keys.
func (b *Backend) RangeStates(_ context.Context, organ, after string, limit int) (page []contract.KeyedState, next string, err error) {
	err = b.readSnapshot(func(s *session) error {
		n, err := readOrganNumber(s, organ)
		if err != nil {
			return err
		}
		if limit < 1 {
			return contract.Permanent(fmt.Errorf("list the states of organ %s: the limit is %d: ask for at least 1 record", organ, limit))
		}
		behind, err := cursors.DecodeString(after)
		if err != nil {
			return contract.Permanent(fmt.Errorf("list the states of organ %s: no page has ended at %.40q: begin at the first", organ, after))
		}
		page, next, err = readStates(s, n, behind, min(limit, mostStates))
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return page, next, nil
}

// cursors are the keys at which pages have ended.
var cursors = base64.RawURLEncoding.Strict()

// readStates reads the records of an organ behind a key.
func readStates(s *session, organ int64, behind []byte, limit int) (page []contract.KeyedState, next string, err error) {
	size := 0
	err = s.query(func(r *row) error {
		key := r.bytes()
		page = append(page, contract.KeyedState{Key: string(key), StateRecord: readRecord(r)})
		size += len(key) + len(page[len(page)-1].Value)
		if len(page) == limit || size > mostStateSize {
			next = cursors.EncodeToString(key)
			return errStop
		}
		return nil
	}, `SELECT key, mark, version, value FROM state WHERE organ = ? AND key > ? AND (until = 0 OR until > ?) ORDER BY key LIMIT ?`,
		organ, behind, time.Now().UnixNano(), limit)
	return page, next, err
}
