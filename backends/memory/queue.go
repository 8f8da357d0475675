package memory

import (
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// chunkSize is the number of deliveries in one allocation of a queue, and with it the most
// that one Fetch returns.
const chunkSize = 128

// queue is what waits for one organ. Its fields are guarded by the backend's mutex.
type queue struct {
	b   *Backend
	sub necro.Subscription

	// Deliveries in stored order. What comes back (released, crashed, held back) waits in
	// front, sorted by seq, ahead of the chunks. Everything else is handed out straight
	// from the chunk in which Publish wrote it.
	front      []item
	head, tail *chunk
	ready      int // in front and in the chunks
	leased     int

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

// chunk is a run of deliveries in stored order: those before read were handed out, those
// from written on are yet to come.
type chunk struct {
	read, written int
	items         [chunkSize]necro.Delivery
	slots         [chunkSize]slot
	next          *chunk
}

// slot is the backend's mark on one delivery that was handed out: the Ref of a Delivery.
type slot struct {
	batch    *batch // nil when it is not leased (any more)
	seq      uint64
	deadline int64 // of this delivery alone, after Extend; 0 for the batch's
	started  bool  // a suspect that runs
}

// push appends a message.
func (q *queue) push(m *necro.Message, seq uint64) {
	c := q.tail
	if c == nil || c.written == chunkSize {
		c = q.grow()
	}
	d, s := &c.items[c.written], &c.slots[c.written]
	d.Message = *m
	d.Ref = s
	s.seq = seq
	c.written++
	q.ready++
	if len(q.waiters) > 0 {
		q.wake()
	}
}

func (q *queue) grow() *chunk {
	c := new(chunk)
	if q.tail == nil {
		q.head = c
	} else {
		q.tail.next = c
	}
	q.tail = c
	return c
}

// pushBack puts a delivery that was handed out before into the place that seq gives it.
func (q *queue) pushBack(it item) {
	it.Ref = nil
	at, _ := slices.BinarySearchFunc(q.front, it.seq, func(other item, seq uint64) int {
		if other.seq < seq {
			return -1
		}
		return 1
	})
	q.front = slices.Insert(q.front, at, it)
	q.ready++
	q.wake()
}

// take returns at most limit deliveries in stored order, leased to c. It may find none:
// all that is ready may be held back behind a failed delivery with the same key.
func (q *queue) take(c *consumer, limit int, now time.Time) []necro.Delivery {
	var ds []necro.Delivery
	switch {
	case len(q.schedule.holds) > 0:
		ds = q.takeUnheld(limit)
	case len(q.front) > 0:
		ds = q.takeFront(min(limit, len(q.front)))
	default:
		ds = q.takeChunk(limit)
	}
	if len(ds) > 0 {
		q.lease(c, ds, now)
	}
	return ds
}

func (q *queue) lease(c *consumer, ds []necro.Delivery, now time.Time) {
	q.leased += len(ds)
	bt := &batch{c: c, ds: ds, left: len(ds), deadline: now.Add(c.lease).UnixNano(), index: len(c.batches)}
	c.batches = append(c.batches, bt)
	for i := range ds {
		ds[i].Ref.(*slot).batch = bt
	}
	q.setAlarm(bt.deadline)
}

func (q *queue) takeFront(n int) []necro.Delivery {
	ds, slots := make([]necro.Delivery, n), make([]slot, n)
	for i := range ds {
		ds[i] = q.front[i].Delivery
		ds[i].Ref = &slots[i]
		slots[i].seq = q.front[i].seq
	}
	q.front = slices.Delete(q.front, 0, n)
	q.ready -= n
	return ds
}

func (q *queue) takeChunk(limit int) []necro.Delivery {
	c := q.head
	end := min(c.written, c.read+limit)
	ds := c.items[c.read:end:end]
	c.read = end
	q.ready -= len(ds)
	if end == chunkSize {
		q.head = c.next
		if c.next == nil {
			q.tail = nil
		}
	}
	return ds
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
