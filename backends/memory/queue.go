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
	fresh  fifo
	again  []item
	ready  int // in both
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
	q.fresh.push(m, seq)
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

// take leases at most limit deliveries in stored order to c. It may find none: all that is
// ready may be held back behind a failed delivery with the same key.
func (q *queue) take(c *consumer, limit int, now time.Time) []necro.Delivery {
	if len(q.schedule.holds) > 0 {
		q.setAside()
	}
	if len(q.schedule.first) > 0 {
		limit = 1 // the one that goes before all others
	}
	var ch *chunk
	var from, to int
	switch {
	case q.ready == 0:
		return nil
	case len(q.again) > 0:
		ch, to = q.takeAgain(limit)
	default:
		ch, from, to = q.fresh.take(limit)
	}
	q.ready -= to - from
	q.leased += to - from
	deadline := now.Add(c.lease).UnixNano()
	c.lend(ch, from, to, deadline)
	q.setAlarm(deadline)
	return ch.items[from:to:to]
}

// takeAgain takes deliveries in stored order from both lists, into a chunk of their own.
func (q *queue) takeAgain(limit int) (ch *chunk, n int) {
	ch = newChunk(min(limit, q.ready, chunkSize))
	ch.once = true
	for range ch.items {
		if q.againFirst() {
			ch.add(q.again[0])
			q.again = slices.Delete(q.again, 0, 1)
			continue
		}
		ch.add(q.fresh.pop())
	}
	return ch, len(ch.items)
}

// againFirst reports whether the first delivery in stored order stands in again.
func (q *queue) againFirst() bool {
	return len(q.again) > 0 && (q.fresh.n == 0 || q.again[0].seq < q.fresh.seq())
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
