package memory

import (
	"math"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// chunkSize is the number of deliveries in one allocation, and with it the most that one
// Fetch returns.
const chunkSize = 128

// chunk is a run of deliveries, and the Ref of each of them. The queue's mutex guards its fields, but
// for the items that are leased: these belong to the consumer until they are settled or released.
//
//	written ----> read (leased, or popped) ----> settled ----> recycled, unless once
//
// Invariant: settled ≤ wrote ≤ len(items), and read ≤ wrote. The tag is new every time that a chunk is used, and a
// delivery's Tag counts on from it, so that a late Settle finds nothing.
type chunk struct {
	items       []contract.Delivery
	slots       []slot // of the items, by index
	tag         uint64
	read, wrote int       // items before these indexes were handed out, or written
	settled     int       // items that are not leased any more
	user        *consumer // the one that all leased items went to, while there is one alone
	once        bool      // a former owner may still read an item, so the chunk is not used again
	next        *chunk    // in the fresh list, or among the spare chunks
}

// slot is the knowledge of the backend about a delivery that stands in a chunk. The queue's mutex guards it.
//
//	batch == nil: ready or settled <----> batch != nil: leased to batch.c
type slot struct {
	seq     uint64
	batch   *batch  // nil when it is not leased
	until   instant // end of the lease of this delivery alone, after Extend
	started bool    // a suspect that runs
	giving  bool    // its give-up handler runs
	holds   holding
	lane    uint8 // of a leased delivery of an organ with lanes
}

// batch is the deliveries that one Fetch returned: a run of a chunk. The queue's mutex guards it.
//
// Invariant: left is the number of slots in the run that have this batch, and a batch is in the heap of its
// consumer while left is more than 0. One deadline for all of them makes a lease as cheap as its batch.
type batch struct {
	c        *consumer
	chunk    *chunk
	from, to int
	left     int     // leased ones among them
	deadline instant // of those leases that were not renewed
	index    int     // in the heap of the consumer
}

// newChunk returns an empty chunk for n deliveries. The fresh list uses its chunks again, because a chunk is the largest
// allocation of a Fetch.
func newChunk(n int) *chunk {
	return &chunk{items: make([]contract.Delivery, n), slots: make([]slot, n)}
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

// lendRun leases a part of a chunk to c. A chunk with two users is not used again, because neither of them
// tells when the other has read its deliveries.
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
	if len(c.q.lanes.list) > 0 {
		c.q.noteLeased(ch, from, to, bt)
	}
}

// leasedSlot returns the delivery's slot, or nil when the delivery is not leased to c. This is the fence: a
// delivery that was settled, released, or taken over has no slot for its former holder.
func (c *consumer) leasedSlot(d *contract.Delivery) *slot {
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

// freeSlot ends a lease. The chunk of the last one may be used again after the next Fetch of c, because
// the caller of Settle may still read its deliveries until then.
func (c *consumer) freeSlot(s *slot) {
	bt := s.batch
	s.batch, s.giving = nil, false
	c.q.leased--
	ch := bt.chunk
	ch.settled++
	if ch.settled == chunkSize && !ch.once {
		c.settled = append(c.settled, ch)
	}
	bt.left--
	if bt.left == 0 {
		c.batches.removeAt(bt.index)
		c.spare = bt
	}
	if len(c.q.lanes.list) > 0 {
		c.q.noteFreed(&c.q.lanes.list[s.lane])
	}
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

// reclaimLost takes back the deliveries of a batch that were lost, as suspects. Only a suspect that was marked as
// started counts a crash, since the others did not run. The copy in the item belongs to the queue. The delivery in
// the chunk still belongs to its former owner, whose handler may read it.
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
		back.GivingUp = back.GivingUp || s.giving
		ch.once = true // its former owner may still read it
		c.freeSlot(s)
		q.pushBack(back)
	}
}
