package memory

import (
	"math"

	"github.com/necrostack/necrogen/runtime/contract"
)

// holding says which deliveries a failed one holds back until it is settled for good.
type holding uint8

const (
	holdsNothing holding = iota
	holdsKey             // deliveries behind it with its key
	holdsAll             // all deliveries behind it
)

// failedSet holds the places of deliveries that failed and hold back those behind them, until
// they are settled for good. A place that is removed stays in a heap of its own until it is the
// first, so that removing one costs no search.
//
// Invariant: n is the number of places in failed that are not in done, and the first of failed is none of
// done.
type failedSet struct {
	failed, done heapOf[struct{}]
	n            int
}

// addSeq adds the place of a delivery that failed; it must not be in the set.
func (s *failedSet) addSeq(seq uint64) {
	s.failed.push(entry[struct{}]{key: seq})
	s.n++
}

// removeSeq takes away a place that is in the set.
func (s *failedSet) removeSeq(seq uint64) {
	s.n--
	s.done.push(entry[struct{}]{key: seq})
	for s.done.len() > 0 && s.done.first().key == s.failed.first().key {
		s.done.pop()
		s.failed.pop()
	}
}

// firstSeq returns the smallest place of the set: all deliveries behind it wait. It is the largest number
// when the set is empty, so that nothing waits.
func (s *failedSet) firstSeq() uint64 {
	if s.n == 0 {
		return math.MaxUint64
	}
	return s.failed.first().key
}

// line has the deliveries that wait, in an organ with order=key, behind failed ones of their key. A delivery
// comes into it when a Fetch finds the delivery and its key is held, and leaves it alone: a line
// that goes on puts its first delivery into again, and the Fetch of that one puts the next.
// So a delivery moves once, however often the key is held and let go. The queue's mutex guards it.
//
//	none --a delivery fails--> held --the last failed one is settled--> going on --the last one leaves--> none
//	                             ^-------------another one fails-------------'
//
// Invariant: the line exists while it is held or has deliveries. While it is held, its deliveries count as
// held, afterwards as ready.
type line struct {
	failed failedSet
	behind heapOf[*item]
}

// isHeld reports whether a failed delivery of the key is not settled for good.
func (l *line) isHeld() bool { return l.failed.n > 0 }

// holdBack lets a failed delivery hold back what the order of its organ says. It is called before the delivery is put
// into the schedule. The counts change with the first failed delivery of a key alone, because the line is held from
// then on.
func (q *queue) holdBack(it *item) {
	switch {
	case it.holds != holdsNothing: // it failed before
	case q.sub.Order == contract.OrderStrict:
		it.holds = holdsAll
		q.strict.addSeq(it.seq)
	case q.sub.Order == contract.OrderKey && it.Key != "":
		it.holds = holdsKey
		l := q.lines[it.Key]
		if l == nil {
			l = new(line)
			q.lines[it.Key] = l
		}
		if !l.isHeld() {
			q.ready -= l.behind.len()
			q.held += l.behind.len()
		}
		l.failed.addSeq(it.seq)
	}
}

// letGo lets the deliveries go on that waited behind one that is settled for good. A waiting Fetch is woken in any
// case: the delivery that it finds may be held back again, by another failed one.
func (q *queue) letGo(key string, seq uint64, holds holding) {
	switch holds {
	case holdsAll:
		q.strict.removeSeq(seq)
	case holdsKey:
		l := q.lines[key]
		l.failed.removeSeq(seq)
		if !l.isHeld() {
			q.ready += l.behind.len()
			q.held -= l.behind.len()
		}
		q.advanceLine(key, l)
	}
	q.wakeFetch()
}

// advanceLine puts the first delivery of a line into again, unless it is held back, and forgets a line that is over.
// A delivery in front of all failed ones of its key goes on although the line is held, because it was stored before
// them.
func (q *queue) advanceLine(key string, l *line) {
	switch {
	case l.behind.len() > 0 && l.behind.first().key <= l.failed.firstSeq():
		if l.isHeld() {
			q.ready++
			q.held--
		}
		q.pushReady(l.behind.pop().value)
	case l.behind.len() == 0 && !l.isHeld():
		delete(q.lines, key)
	}
}

// heldBack returns the line that a delivery has to wait in, or nil.
func (q *queue) heldBack(key string, seq uint64) *line {
	if l := q.lines[key]; l != nil && seq > l.failed.firstSeq() {
		return l
	}
	return nil
}

// skipHeld moves ready deliveries that are held back into the lines of their keys, up to the first one
// that may be fetched. It reports whether there is one. Each moves once, so that many held keys cost a
// Fetch nothing in the long run.
func (q *queue) skipHeld() bool {
	for q.again.len()+q.fresh.n > 0 {
		if q.firstSeq() > q.strict.firstSeq() {
			return false
		}
		if len(q.lines) == 0 {
			return true
		}
		l := q.heldBack(q.firstMessage().Key, q.firstSeq())
		if l == nil {
			return true
		}
		q.waitBehind(l, q.popFirst())
	}
	return false
}

// waitBehind puts a ready delivery into the line that holds it back.
func (q *queue) waitBehind(l *line, it *item) {
	l.behind.push(entry[*item]{key: it.seq, value: it})
	q.ready--
	q.held++
}
