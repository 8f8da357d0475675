package memory

import (
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// batch is what one Fetch handed out, kept until all of it is settled: the Ref of its
// deliveries. Their Tag is the number of their lease; first is that of the batch's first
// delivery. A batch is used again, with other numbers, so a late Settle finds nothing.
type batch struct {
	c        *consumer
	items    []leasedItem
	first    uint64
	left     int   // leased ones among them
	deadline int64 // Unix nanoseconds
	index    int   // in the consumer's batches
}

// leasedItem is a delivery that was handed out.
type leasedItem struct {
	item
	deadline int64 // of this delivery alone, after Extend; 0 for the batch's
	leased   bool
	started  bool // a suspect that runs
}

// newBatch returns an empty batch with room for n deliveries.
func (q *queue) newBatch(c *consumer, n int, now time.Time) *batch {
	bt := q.spare
	q.spare = nil
	if bt == nil {
		bt = new(batch)
	}
	if cap(bt.items) < n {
		bt.items = make([]leasedItem, n)
	}
	*bt = batch{
		c: c, items: bt.items[:n], first: q.leases,
		deadline: now.Add(c.lease).UnixNano(), index: len(c.batches),
	}
	return bt
}

// leased returns the delivery as it was handed out, or nil when it is not leased to c.
func (c *consumer) leased(d *necro.Delivery) *leasedItem {
	bt, ok := d.Ref.(*batch)
	if !ok || bt.c != c {
		return nil
	}
	i := d.Tag - bt.first
	if i >= uint64(len(bt.items)) || !bt.items[i].leased {
		return nil
	}
	if c.q.sub.Exclusive && c.q.owner != c {
		return nil
	}
	return &bt.items[i]
}

// free takes a delivery out of its batch.
func (c *consumer) free(it *leasedItem) {
	bt := it.Ref.(*batch)
	it.leased = false
	c.q.leased--
	bt.left--
	if bt.left > 0 {
		return
	}
	last := len(c.batches) - 1
	c.batches[bt.index] = c.batches[last]
	c.batches[bt.index].index = bt.index
	c.batches[last] = nil
	c.batches = c.batches[:last]
	clear(bt.items)
	c.q.spare = bt
}

// reclaim takes back the deliveries of c that were lost, as suspects.
func (q *queue) reclaim(c *consumer, lost func(*leasedItem, *batch) bool) {
	for _, bt := range slices.Clone(c.batches) {
		items := bt.items
		for i := range items {
			it := &items[i]
			if !it.leased || !lost(it, bt) {
				continue
			}
			back := it.item
			back.Suspect = true
			if it.started {
				back.Crashes++
			}
			c.free(it)
			q.pushBack(back)
		}
	}
}
