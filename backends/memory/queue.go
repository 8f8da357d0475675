package memory

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// queue has the deliveries of one organ. mu guards its fields, and those of its consumers, chunks and lines;
// b, number and identity never change, and binding is read without the mutex. Workers take the mutex once
// for a batch, so that publishers seldom wait for it.
//
//	open ----> closed: the backend was closed, or the organ removed
//
// Invariants: a delivery is in one place at a time: in fresh, in again or its lane, in a line behind a failed
// delivery of its key, in due, or leased. ready, held and leased count them, as told there. While a delivery
// may be fetched and a call of Fetch waits, one of the waiting calls has a notice. The alarm rings at the
// first instant at which a delivery is due or a lease may end, or before.
type queue struct {
	b      *Backend
	number uint64 // in which order queues are locked; never changes
	// identity is the name under which the organ was bound first; it never changes.
	identity string
	binding  atomic.Pointer[contract.Binding] // as consumers tell it; replaced with sub
	mu       sync.Mutex
	sub      contract.Subscription // of the process that came last, but for an order that is bound
	names    map[string]bool       // of the events that it is bound to
	closed   bool                  // the backend was closed, or the organ removed

	// The ready deliveries, in stored order, are the merger of fresh, whose deliveries were never handed
	// out, and again, whose deliveries were: they were released, crashed, retried or held back.
	fresh fifo
	again heapOf[*item] // by seq
	seq   uint64        // the last place in stored order

	ready  int // deliveries in both, and in lines that are not held
	held   int // deliveries in lines that are held
	leased int

	due    heapOf[*item]    // retries and declines, by the time when they are due
	strict failedSet        // order=strict: failed deliveries hold back all that is behind them
	lines  map[string]*line // order=key: lines behind failed deliveries, by key
	lanes  laneSet          // of an organ with lanes: they have what would be in again

	consumers []*consumer
	owner     *consumer // of an exclusive organ
	waiters   waitList  // calls of Fetch
	tails     []*tail   // those of the backend

	states  states // what the organ keeps for each key
	paused  string
	dead    letters
	alarm   *time.Timer // next due delivery or lease
	alarmAt instant     // 0 when it is not set
}

// item is a delivery with its place in stored order.
type item struct {
	contract.Delivery
	seq   uint64
	holds holding
}

// pushNew appends a message.
func (q *queue) pushNew(m *contract.Message) {
	q.seq++
	q.fresh.pushMessage(m, q.seq)
	q.ready++
	if q.waiters.first != nil {
		q.wakeFetch()
	}
	if q.tails != nil {
		tellTails(q.tails, contract.PlaceReady, q.sub.Organ, m)
	}
}

// pushBack puts a delivery that was handed out before into the place that seq gives it. It wakes a Fetch even when an
// earlier delivery was ready before, because that one may be held back.
func (q *queue) pushBack(it *item) {
	q.pushReady(it)
	q.ready++
	q.wakeFetch()
}

// pushReady puts a ready delivery into again, or into its lane.
func (q *queue) pushReady(it *item) {
	h := &q.again
	if len(q.lanes.list) > 0 {
		h = &q.laneOf(&it.Message).ready
	}
	h.push(entry[*item]{key: it.seq, value: it})
}

// takeBatch leases at most limit deliveries in stored order to c. It may find none: all that is ready may be held
// back behind a failed delivery. The deliveries stay in the memory of their chunk, and the caller may read them until
// c has settled them and fetches again.
func (q *queue) takeBatch(c *consumer, limit int, now instant) []contract.Delivery {
	var ch *chunk
	var from, to int
	switch {
	case len(q.lanes.list) > 0:
		ch, from, to = q.takeLaned(c, limit)
	case !q.skipHeld():
	case q.again.len() > 0:
		ch, to = q.takeMerged(min(limit, q.fairShare()))
	default:
		ch, from, to = q.fresh.takeRun(q.freshRun(limit))
	}
	if ch == nil {
		return nil
	}
	q.ready -= to - from
	q.leased += to - from
	deadline := now.after(c.lease)
	c.lendRun(ch, from, to, deadline)
	q.setAlarm(deadline)
	return ch.items[from:to:to]
}

// fairShare is how many ready deliveries one of the calls of Fetch that wait may have. A delivery that was
// handed back may have waited behind a handler that takes long, and may take as long itself: therefore they
// spread over all calls.
func (q *queue) fairShare() int {
	waiting := 0
	for _, c := range q.consumers {
		waiting += c.fetching
	}
	return q.ready/(waiting+1) + 1
}

// freshRun returns how many of the oldest in fresh may be taken, at most limit: no order counts,
// or none of them has a line. The first one may be taken.
func (q *queue) freshRun(limit int) int {
	if q.strict.n == 0 && len(q.lines) == 0 {
		return limit
	}
	ch := q.fresh.head
	last := min(ch.wrote-ch.read, limit)
	for n := 1; n < last; n++ {
		at := ch.read + n
		if ch.slots[at].seq > q.strict.firstSeq() || q.lines[ch.items[at].Key] != nil {
			return n
		}
	}
	return last
}

// takeMerged takes deliveries in stored order from both lists, into a chunk of their own.
func (q *queue) takeMerged(limit int) (ch *chunk, n int) {
	limit = min(limit, chunkSize, q.ready)
	ch = &chunk{once: true}
	if q.strict.n == 0 && len(q.lines) == 0 {
		ch.reserveRoom(limit)
	}
	for n < limit && q.skipHeld() {
		it := q.popFirst()
		ch.appendItem(it)
		n++
		if l := q.lines[it.Key]; l != nil {
			q.advanceLine(it.Key, l)
		}
	}
	return ch, n
}

// againFirst reports whether the first delivery in stored order is in again; there must be one.
func (q *queue) againFirst() bool {
	return q.fresh.n == 0 || q.again.len() > 0 && q.again.first().key < q.fresh.firstSeq()
}

// firstSeq returns the place of the first delivery of both lists; there must be one.
func (q *queue) firstSeq() uint64 {
	if q.againFirst() {
		return q.again.first().key
	}
	return q.fresh.firstSeq()
}

// firstMessage returns the first message of both lists; there must be one.
func (q *queue) firstMessage() *contract.Message {
	if q.againFirst() {
		return &q.again.first().value.Message
	}
	return &q.fresh.head.items[q.fresh.head.read].Message
}

// popFirst takes the first delivery from its list; there must be one.
func (q *queue) popFirst() *item {
	if q.againFirst() {
		return q.again.pop().value
	}
	return q.fresh.popItem()
}

// isBlocked reports whether everything that is ready waits behind a failed delivery of an organ
// with order=strict.
func (q *queue) isBlocked() bool {
	if q.strict.n == 0 {
		return false
	}
	seq, m := q.firstReady()
	return m != nil && seq > q.strict.firstSeq()
}

// firstReady returns the first ready delivery in stored order, but for those in lines. The message is nil when there is none.
func (q *queue) firstReady() (seq uint64, m *contract.Message) {
	if q.again.len()+q.fresh.n > 0 {
		seq, m = q.firstSeq(), q.firstMessage()
	}
	for i := range q.lanes.list {
		if h := &q.lanes.list[i].ready; h.len() > 0 && (m == nil || h.first().key < seq) {
			seq, m = h.first().key, &h.first().value.Message
		}
	}
	return seq, m
}

// mayFetch reports whether a Fetch of c may get something now. Ownership is asked last, because it changes hands by
// the question.
func (q *queue) mayFetch(c *consumer, now instant) bool {
	if q.ready == 0 || q.isBlocked() || q.pauseReason() != "" {
		return false
	}
	return !q.sub.Exclusive || q.takeOwnership(c, now)
}

// pauseReason returns why the organ is paused, or an empty string. Full dead letters are no state of their own: the
// organ goes on as soon as a letter is gone.
func (q *queue) pauseReason() string {
	switch {
	case q.paused != "":
		return q.paused
	case q.sub.DeadLimit > 0 && q.dead.n >= q.sub.DeadLimit,
		q.sub.DeadBytes > 0 && q.dead.bytes >= q.sub.DeadBytes:
		return "its dead letters are full: redrive or discard some"
	}
	return ""
}

// takeOwnership makes c the owner of an exclusive organ unless another owner is alive. An owner is alive for one
// lease behind its last call, and as long as one of its calls of Fetch waits. The alarm is set for the end of that,
// because no other event would wake the calls of the consumers that want to follow it.
func (q *queue) takeOwnership(c *consumer, now instant) bool {
	if q.owner == c {
		return true
	}
	if q.owner != nil {
		alive := q.owner.contact
		if q.owner.fetching > 0 {
			alive = now.after(q.owner.lease)
		}
		if alive > now {
			q.setAlarm(alive)
			return false
		}
	}
	q.owner = c
	return true
}

// wakeFetch wakes the call of Fetch that waits longest, or all of them in an exclusive organ and in one with lanes, since
// only the owner may fetch there and the queue does not know which call is the owner's.
func (q *queue) wakeFetch() {
	if q.hasOwners() {
		q.waiters.wakeAll()
		return
	}
	q.waiters.wakeFirst()
}

// hasOwners reports whether what a consumer may fetch depends on its being alive.
func (q *queue) hasOwners() bool { return q.sub.Exclusive || len(q.lanes.list) > 0 }
