package memory

import (
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
	batch   *batch // nil when it is not leased
	until   int64  // end of the lease of this delivery alone, after Extend
	started bool   // a suspect that runs
}

// batch is what one Fetch returned.
type batch struct {
	c        *consumer
	chunk    *chunk
	from, to int
	left     int   // leased ones among them
	deadline int64 // Unix nanoseconds
	index    int   // in the consumer's batches
}

func newChunk(n int) *chunk {
	return &chunk{items: make([]necro.Delivery, n), slots: make([]slot, n)}
}

// add writes a delivery to the next place.
func (ch *chunk) add(it item) {
	d := &ch.items[ch.wrote]
	*d = it.Delivery
	d.Ref, d.Tag = ch, ch.tag+uint64(ch.wrote)
	ch.slots[ch.wrote].seq = it.seq
	ch.wrote++
}

// lend leases a part of a chunk to c.
func (c *consumer) lend(ch *chunk, from, to int, deadline int64) {
	if ch.user != nil && ch.user != c {
		ch.once = true
	}
	ch.user = c
	bt := c.spare
	c.spare = nil
	if bt == nil {
		bt = new(batch)
	}
	*bt = batch{c, ch, from, to, to - from, deadline, len(c.batches)}
	c.batches = append(c.batches, bt)
	for i := from; i < to; i++ {
		ch.slots[i].batch = bt
	}
}

// leased returns the delivery's place, or nil when it is not leased to c.
func (c *consumer) leased(d *necro.Delivery) *slot {
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

// deadline returns when the lease of a leased delivery ends.
func (s *slot) deadline() int64 { return max(s.until, s.batch.deadline) }

// free ends a lease.
func (c *consumer) free(s *slot) {
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
	last := len(c.batches) - 1
	c.batches[bt.index] = c.batches[last]
	c.batches[bt.index].index = bt.index
	c.batches[last] = nil
	c.batches = c.batches[:last]
	c.spare = bt
}

// recycle lets the queue use the chunks again that c has settled: its next Fetch says that
// it is done with them.
func (c *consumer) recycle() {
	for i, ch := range c.settled {
		c.q.fresh.recycle(ch)
		c.settled[i] = nil
	}
	c.settled = c.settled[:0]
}

// reclaim takes back the deliveries of c that were lost, as suspects.
func (q *queue) reclaim(c *consumer, lost func(*slot) bool) {
	for _, bt := range slices.Clone(c.batches) {
		ch, from, to := bt.chunk, bt.from, bt.to
		for i := from; i < to; i++ {
			s := &ch.slots[i]
			if s.batch != bt || !lost(s) {
				continue
			}
			back := item{ch.items[i], s.seq}
			back.Suspect = true
			if s.started {
				back.Crashes++
			}
			ch.once = true // its former owner may still read it
			c.free(s)
			q.pushBack(back)
		}
	}
}
