package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// states has the records of an organ with state. The mutex of its queue guards it.
//
// Invariants: inOrder has every record of byKey, and the removed ones among them are at most as many, but for a few. Every
// record with an end is in ends, at a key that is not behind its end.
type states struct {
	byKey   map[string]*record
	inOrder []*record       // by number
	removed int             // records in inOrder that are not in byKey any more
	made    uint64          // records that there ever were: the last number
	ends    heapOf[*record] // by an instant before which the record does not end
}

// record is what the organ keeps for one key. Its mark is 0 when it was removed.
//
// The queue's mutex guards all fields. Value is replaced by a write and never changed, so that a caller of LoadStates
// keeps its bytes without a copy. A record that was removed stays in inOrder, with the mark 0, until remove clears
// the list.
type record struct {
	contract.KeyedState
	number uint64  // in which order records were made; never changes
	until  instant // when it ends; 0 for never
	at     int     // its place in ends, or notInEnds
}

const notInEnds = -1

// statePage is how many records a page of RangeStates has at most, so that the mutex is not held for long.
const statePage = 1000

// fewRemoved is how many removed records are not worth to be taken out of inOrder.
const fewRemoved = 64

// newStates returns an empty set of records, whose heap tells each record its place in ends.
func newStates() states {
	return states{byKey: map[string]*record{}, ends: heapOf[*record]{moved: func(r *record, at int) { r.at = at }}}
}

// isLive reports whether a record counts: it was not removed, and its time is not over.
func (r *record) isLive(now instant) bool { return r.Mark != 0 && (r.until == 0 || r.until > now) }

// find returns the record of a key, or nil where there is none. One whose time is over is removed.
func (s *states) find(key string, now func() instant) *record {
	r := s.byKey[key]
	if r != nil && r.until != 0 && !r.isLive(now()) {
		s.remove(r)
		return nil
	}
	return r
}

// load returns what is kept for a key, and the zero value where there is no record.
func (s *states) load(key string, now func() instant) contract.StateRecord {
	if r := s.find(key, now); r != nil {
		return r.StateRecord
	}
	return contract.StateRecord{}
}

// write replaces the record of a key, which is r, or removes it.
func (s *states) write(key string, r *record, w *contract.StateWrite, now instant) {
	if w.Write == 0 {
		if r != nil {
			s.remove(r)
		}
		return
	}
	if r == nil {
		r = s.add(key)
	}
	r.StateRecord = contract.StateRecord{Mark: w.Write, Version: w.Version, Value: w.Value}
	s.endAt(r, w.TTL, now)
}

// add makes a record for a key that has none. It keeps its own copy of the key, which may be a part of something large.
func (s *states) add(key string) *record {
	s.made++
	r := &record{number: s.made, at: notInEnds}
	r.Key = strings.Clone(key)
	s.byKey[r.Key] = r
	s.inOrder = append(s.inOrder, r)
	return r
}

// endAt sets when a record ends. One that ends later than it was to be keeps its place in ends until that place comes up,
// so that a renewal costs nothing.
func (s *states) endAt(r *record, ttl time.Duration, now instant) {
	r.until = 0
	if ttl > 0 {
		r.until = now.after(ttl)
	}
	if r.at != notInEnds {
		if r.until != 0 && uint64(r.until) >= s.ends.entries[r.at].key {
			return
		}
		s.takeFromEnds(r)
	}
	if r.until != 0 {
		s.ends.push(entry[*record]{key: uint64(r.until), tie: r.number, value: r})
	}
}

// takeFromEnds takes a record out of the heap that ends it: it has no end any more, is removed, or ends earlier than
// its place says.
func (s *states) takeFromEnds(r *record) {
	s.ends.removeAt(r.at)
	r.at = notInEnds
}

// remove forgets a record of byKey. Now and then it takes the removed ones out of inOrder: each of them is moved over once
// at most for each other one that was removed.
func (s *states) remove(r *record) {
	delete(s.byKey, r.Key)
	if r.at != notInEnds {
		s.takeFromEnds(r)
	}
	r.KeyedState = contract.KeyedState{}
	s.removed++
	if s.removed > len(s.byKey)+fewRemoved {
		kept := make([]*record, 0, 2*len(s.byKey))
		for _, r := range s.inOrder {
			if r.Mark != 0 {
				kept = append(kept, r)
			}
		}
		s.inOrder, s.removed = kept, 0
	}
}

// sweep removes records whose time is over, at most promoteAtOnce of them, and returns when the next sweep is due; 0 for
// never.
func (s *states) sweep(now instant) (next instant) {
	for range promoteAtOnce {
		if s.ends.len() == 0 || instant(s.ends.first().key) > now {
			break
		}
		if r := s.ends.first().value; r.until > now {
			s.ends.replaceFirst(uint64(r.until))
		} else {
			s.remove(r)
		}
	}
	if s.ends.len() == 0 {
		return 0
	}
	return instant(s.ends.first().key)
}

// page returns the records that count among the next ones behind a number, and the number of the last one that it has
// looked at; 0 when there are no more. A record keeps its number when it is written again, so that a reader of all
// pages sees each record once that lives through all of them.
func (s *states) page(after uint64, limit int, now instant) (page []contract.KeyedState, last uint64) {
	from, _ := slices.BinarySearchFunc(s.inOrder, after+1, func(r *record, number uint64) int { return cmp.Compare(r.number, number) })
	to := min(len(s.inOrder), from+min(limit, statePage))
	for _, r := range s.inOrder[from:to] {
		if r.isLive(now) {
			page = append(page, r.KeyedState)
		}
	}
	if to == len(s.inOrder) {
		return page, 0
	}
	return page, s.inOrder[to-1].number
}

// findState returns the record of the outcome's key, nil for none, and reports whether it is the one that the handler
// was given. The caller holds the queue's mutex from here to writeState, so that no other settle of the key comes
// between the comparison and the write.
func (q *queue) findState(o *contract.Outcome) (r *record, isTheOne bool) {
	if r = q.states.find(o.Delivery.Key, q.b.now); r == nil {
		return nil, o.State.Read == 0
	}
	return r, r.Mark == o.State.Read
}

// writeState does what an outcome says of the record of its key, which is r. The alarm is set for its end, because
// nothing else would remove a record that is never loaded again.
func (q *queue) writeState(o *contract.Outcome, r *record) {
	var now instant // the clock costs as much as the write
	if o.State.TTL > 0 {
		now = q.b.now()
	}
	q.states.write(o.Delivery.Key, r, o.State, now)
	if o.State.Write != 0 && o.State.TTL > 0 {
		q.setAlarm(now.after(o.State.TTL))
	}
}

// LoadStates returns the records of some keys of an organ, in the order of the keys.
func (b *Backend) LoadStates(_ context.Context, organ string, keys []string) ([]contract.StateRecord, error) {
	q, err := b.lockQueue(organ)
	if err != nil {
		return nil, err
	}
	defer q.mu.Unlock()
	records := make([]contract.StateRecord, len(keys))
	for i, key := range keys {
		records[i] = q.states.load(key, b.now)
	}
	return records, nil
}

// RangeStates returns a page of an organ's records, in the order in which they were made. A page has at most a thousand.
func (b *Backend) RangeStates(_ context.Context, organ, after string, limit int) (page []contract.KeyedState, next string, err error) {
	q, err := b.lockQueue(organ)
	if err != nil {
		return nil, "", err
	}
	defer q.mu.Unlock()
	if limit < 1 {
		return nil, "", fmt.Errorf("list the states of organ %s: the limit is %d: ask for at least 1 record", organ, limit)
	}
	behind, err := q.states.readCursor(after)
	if err != nil {
		return nil, "", fmt.Errorf("list the states of organ %s: %w", organ, err)
	}
	page, last := q.states.page(behind, limit, b.now())
	if last != 0 {
		next = strconv.FormatUint(last, 10)
	}
	return page, next, nil
}

// readCursor returns the number of the record at which a page has ended; 0 for no page.
func (s *states) readCursor(after string) (uint64, error) {
	if after == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(after, 10, 64)
	if err != nil || n == 0 || n > s.made {
		return 0, fmt.Errorf("no page has ended at %.40q: begin at the first", after)
	}
	return n, nil
}
