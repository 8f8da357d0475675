package memory

import (
	"cmp"
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// queue is what waits for one organ. Its fields are guarded by the backend's mutex.
type queue struct {
	b   *Backend
	sub necro.Subscription

	// What is ready, in stored order, is the merger of two lists that are both sorted by
	// seq: fresh has what was never handed out, again what was (released, crashed, retried,
	// held back), which is little.
	fresh  ring
	again  []item
	leases uint64 // numbers every lease
	spare  *batch // settled, to be used again
	ready  int    // in both
	leased int

	schedule schedule

	consumers []*consumer
	owner     *consumer // of an exclusive organ
	waiters   []*waiter // calls of Fetch that wait, longest first

	paused    string
	dead      []necro.DeadLetter
	deadBytes int64
	alarm     *time.Timer // next due delivery or lease
	alarmAt   int64       // 0 when it is not set
}

// item is a delivery with its place in stored order.
type item struct {
	necro.Delivery
	seq uint64
}

// push appends a message.
func (q *queue) push(m *necro.Message, seq uint64) {
	st := q.fresh.push()
	st.Message, st.seq = *m, seq
	q.ready++
	if len(q.waiters) > 0 {
		q.wake()
	}
}

// pushBack puts a delivery that was handed out before into the place that seq gives it.
func (q *queue) pushBack(it item) {
	at, _ := slices.BinarySearchFunc(q.again, it.seq, func(other item, seq uint64) int {
		return cmp.Compare(other.seq, seq)
	})
	q.again = slices.Insert(q.again, at, it)
	q.ready++
	q.wake()
}

// pop moves the first delivery to it.
func (q *queue) pop(it *item) {
	q.ready--
	if len(q.again) > 0 && (q.fresh.n == 0 || q.again[0].seq < q.fresh.first().seq) {
		*it = q.again[0]
		q.again = slices.Delete(q.again, 0, 1)
		return
	}
	st := q.fresh.first()
	it.Message, it.seq = st.Message, st.seq
	q.fresh.drop()
}

// take leases deliveries in stored order to c, and returns how many. It may find none: all
// that is ready may be held back behind a failed delivery with the same key.
func (q *queue) take(c *consumer, buf []necro.Delivery, now time.Time) int {
	bt := q.newBatch(c, min(len(buf), q.ready), now)
	for bt.left < len(bt.items) && q.ready > 0 {
		it := &bt.items[bt.left]
		q.pop(&it.item)
		if len(q.schedule.holds) > 0 && q.setAside(&it.item) {
			continue
		}
		it.Ref, it.Tag, it.leased = bt, bt.first+uint64(bt.left), true
		buf[bt.left] = it.Delivery
		bt.left++
	}
	n := bt.left
	if n == 0 {
		q.spare = bt
		return 0
	}
	bt.items = bt.items[:n]
	c.batches = append(c.batches, bt)
	q.leases += uint64(n)
	q.leased += n
	q.setAlarm(bt.deadline)
	return n
}

// available reports whether a Fetch of c would get something now.
func (q *queue) available(c *consumer, now time.Time) bool {
	if q.ready == 0 || q.blocked() || q.stopped() != "" {
		return false
	}
	return !q.sub.Exclusive || q.own(c, now)
}

// stopped returns why the organ is paused, or an empty string.
func (q *queue) stopped() string {
	switch {
	case q.paused != "":
		return q.paused
	case q.sub.DeadLimit > 0 && len(q.dead) >= q.sub.DeadLimit,
		q.sub.DeadBytes > 0 && q.deadBytes >= q.sub.DeadBytes:
		return "its dead letters are full: redrive or discard some"
	}
	return ""
}

// own makes c the owner of an exclusive organ if nobody else is alive who owns it.
func (q *queue) own(c *consumer, now time.Time) bool {
	if q.owner == c {
		return true
	}
	if q.owner != nil {
		alive := q.owner.contact
		if q.owner.fetching > 0 {
			alive = now.Add(q.owner.lease).UnixNano()
		}
		if alive > now.UnixNano() {
			q.setAlarm(alive)
			return false
		}
	}
	q.owner = c
	return true
}
