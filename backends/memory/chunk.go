package memory

import (
	"math"
	"slices"

	necro "github.com/necrostack/necrogen/runtime"
)

// chunkSize is the number of deliveries in one allocation, and with it the most that one
// Fetch returns.
const chunkSize = 128

// chunk is a run of deliveries: the Ref of each of them. Its tag is new every time that it
// is used, and a delivery's Tag counts on from it, so that a late Settle finds nothing.
type chunk struct {
	items       []necro.Delivery
	slots       []slot
	tag         uint64
	read, wrote int
	settled     int
	user        *consumer // whom all of it was handed to
	once        bool      // somebody may still read it when it is settled: not to be used again
	next        *chunk
}

// slot is what the backend knows of a delivery.
type slot struct {
	seq     uint64
	batch   *batch  // nil when it is not leased
	until   instant // end of the lease of this delivery alone, after Extend
	started bool    // a suspect that runs
	holds   holding
}

// batch is what one Fetch returned.
type batch struct {
	c        *consumer
	chunk    *chunk
	from, to int
	left     int     // leased ones among them
	deadline instant // of those leases that were not renewed
	index    int     // in the heap of the consumer
}

func newChunk(n int) *chunk {
	return &chunk{items: make([]necro.Delivery, n), slots: make([]slot, n)}
}

// reserveRoom makes room for n more deliveries of append.
func (ch *chunk) reserveRoom(n int) {
	ch.items, ch.slots = slices.Grow(ch.items, n), slices.Grow(ch.slots, n)
}

// appendItem adds a delivery to a chunk of which nothing was handed out yet.
func (ch *chunk) appendItem(it *item) {
	ch.items = append(ch.items, it.Delivery)
	d := &ch.items[ch.wrote]
	d.Ref, d.Tag = ch, ch.tag+uint64(ch.wrote)
	ch.slots = append(ch.slots, slot{seq: it.seq, holds: it.holds})
	ch.wrote++
}

// lendRun leases a part of a chunk to c.
func (c *consumer) lendRun(ch *chunk, from, to int, deadline instant) {
	if ch.user != nil && ch.user != c {
		ch.once = true
	}
	ch.user = c
	bt := c.spare
	c.spare = nil
	if bt == nil {
		bt = new(batch)
	}
	*bt = batch{c, ch, from, to, to - from, deadline, 0}
	c.batches.push(entry[*batch]{key: uint64(deadline), value: bt})
	for i := from; i < to; i++ {
		ch.slots[i].batch = bt
	}
}

// leasedSlot returns the delivery's place, or nil when it is not leased to c.
func (c *consumer) leasedSlot(d *necro.Delivery) *slot {
	ch, ok := d.Ref.(*chunk)
	if !ok {
		return nil
	}
	i := d.Tag - ch.tag
	if i >= uint64(len(ch.slots)) {
		return nil
	}
	s := &ch.slots[i]
	if s.batch == nil || s.batch.c != c || c.q.sub.Exclusive && c.q.owner != c {
		return nil
	}
	return s
}

// leaseEnd returns when the lease of a leased delivery ends.
func (s *slot) leaseEnd() instant { return max(s.until, s.batch.deadline) }

// firstDeadline returns when the first lease of a batch ends; there must be one.
func (bt *batch) firstDeadline() instant {
	first := instant(math.MaxInt64)
	for i := bt.from; i < bt.to; i++ {
		if s := &bt.chunk.slots[i]; s.batch == bt {
			first = min(first, s.leaseEnd())
		}
	}
	return first
}

// freeSlot ends a lease.
func (c *consumer) freeSlot(s *slot) {
	bt := s.batch
	s.batch = nil
	c.q.leased--
	ch := bt.chunk
	ch.settled++
	if ch.settled == chunkSize && !ch.once {
		c.settled = append(c.settled, ch)
	}
	bt.left--
	if bt.left > 0 {
		return
	}
	c.batches.removeAt(bt.index)
	c.spare = bt
}

// recycleChunks lets the queue use the chunks again that c has settled: its next Fetch says that
// it is done with them.
func (c *consumer) recycleChunks() {
	for i, ch := range c.settled {
		c.q.fresh.recycleChunk(ch)
		c.settled[i] = nil
	}
	c.settled = c.settled[:0]
}

// reclaimLost takes back the deliveries of a batch that were lost, as suspects.
func (q *queue) reclaimLost(bt *batch, lost func(*slot) bool) {
	c, ch, from, to := bt.c, bt.chunk, bt.from, bt.to
	for i := from; i < to; i++ {
		s := &ch.slots[i]
		if s.batch != bt || !lost(s) {
			continue
		}
		back := &item{ch.items[i], s.seq, s.holds}
		back.Suspect = true
		if s.started {
			back.Crashes++
		}
		ch.once = true // its former owner may still read it
		c.freeSlot(s)
		q.pushBack(back)
	}
}
