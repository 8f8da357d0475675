package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// consumer hands out the deliveries of one queue to one process. The queue's mutex guards its
// fields, but q and lease, which never change.
//
//	open ----> closed (for good)
//
// Invariant: a delivery is leased to c if and only if its slot has a batch of c, and every batch with a
// leased delivery is in c.batches at a key that is not behind the end of its first lease.
type consumer struct {
	q         *queue
	lease     time.Duration
	order     contract.OrderMode // that it wants, with exclusive
	exclusive bool
	lanes     int // that it wants, 0 for none
	keeps     int // lanes that it has or will have, as shareLanes counts them
	closed    bool
	counted   bool    // in the backend's consuming
	fetching  int     // calls of Fetch that wait
	contact   instant // until when it counts as alive: one lease behind its last call
	breaker   contract.BreakerState
	batches   heapOf[*batch] // leased ones, by an instant before which no lease of the batch ends
	spare     *batch         // to be used again
	settled   []*chunk       // to be used again after the next Fetch
}

// newConsumer returns a consumer of a queue that is not in its list yet. The heap of its batches tells each batch its
// place, because a batch leaves the heap when its last delivery is settled, in any order.
func newConsumer(q *queue, lease time.Duration) *consumer {
	c := &consumer{q: q, lease: lease}
	c.batches.moved = func(bt *batch, at int) { bt.index = at }
	return c
}

// Fetch waits until there is a delivery, and leases at most limit of them. It returns the error of ctx, or
// contract.ErrClosed, and has leased nothing then. The deliveries are valid until c has settled them and
// fetches again.
func (c *consumer) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	if limit < 1 {
		return nil, fmt.Errorf("fetch: the limit is %d: ask for at least 1 delivery", limit)
	}
	q := c.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if !c.counted && !c.closed {
		c.counted = true
		q.b.consuming.Add(1)
	}
	c.recycleChunks()
	for {
		if q.closed || c.closed {
			return nil, contract.ErrClosed
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if ds := c.tryFetch(limit); len(ds) > 0 {
			return ds, nil
		}
		c.waitForWork(ctx)
	}
}

// tryFetch leases ready deliveries, without waiting. Since one notice wakes one call, a call that leaves
// deliveries behind wakes the next one. One that finds nothing in its lanes does not, because two of them would wake
// each other for ever.
func (c *consumer) tryFetch(limit int) []contract.Delivery {
	q, now := c.q, c.q.b.now()
	c.noteContact(now)
	if len(q.lanes.list) > 0 {
		q.shareLanes(now)
	}
	if !q.mayFetch(c, now) {
		return nil
	}
	ds := q.takeBatch(c, limit, now)
	if q.ready > 0 && (len(ds) > 0 || len(q.lanes.list) == 0) {
		q.wakeFetch()
	}
	return ds
}

// noteContact notes that the consumer is alive, as the owner of an exclusive organ or of a lane must be.
func (c *consumer) noteContact(now instant) { c.contact = now.after(c.lease) }

// waitForWork lets go of the mutex until a notice comes or ctx is done. A notice that comes together with
// the end of ctx is passed on, because it was meant for a call that takes a delivery.
func (c *consumer) waitForWork(ctx context.Context) {
	q := c.q
	w := q.waiters.addWaiter()
	c.fetching++
	q.mu.Unlock()
	select {
	case <-w.woken:
	case <-ctx.Done():
	}
	q.mu.Lock()
	c.fetching--
	if !q.waiters.removeWaiter(w) && ctx.Err() != nil {
		q.wakeFetch()
	}
}

// Extend renews the leases, marks suspects as started and what is given up as that, and returns the deliveries that are not
// leased to this consumer any more.
func (c *consumer) Extend(_ context.Context, ds []*contract.Delivery) ([]*contract.Delivery, error) {
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	if c.q.closed || c.closed {
		return nil, contract.ErrClosed
	}
	now := c.q.b.now()
	c.noteContact(now)
	var lost []*contract.Delivery
	for _, d := range ds {
		s := c.leasedSlot(d)
		if s == nil {
			lost = append(lost, d)
			continue
		}
		s.until = now.after(c.lease)
		s.started = s.started || d.Suspect
		s.giving = s.giving || d.GivingUp
	}
	return lost, nil
}

// Release hands deliveries back to their places in stored order. No attempt is spent. Deliveries that are not leased
// to c any more are passed over: they belong to their new holder, or are settled.
func (c *consumer) Release(_ context.Context, ds []*contract.Delivery) error {
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	if c.q.closed || c.closed {
		return contract.ErrClosed
	}
	c.noteContact(c.q.b.now())
	for _, d := range ds {
		if s := c.leasedSlot(d); s != nil {
			c.freeSlot(s)
			c.q.pushBack(&item{*d, s.seq, s.holds})
		}
	}
	return nil
}

// Close gives up the leased deliveries, as a crash of the process would. A second call does nothing. They come back
// as suspects, because their handlers may still run here. The calls of Fetch that wait are woken: those of c end, and
// those of other consumers may find the deliveries, or become the owner.
func (c *consumer) Close() error {
	q := c.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	if c.counted {
		q.b.consuming.Add(-1)
	}
	q.consumers = slices.DeleteFunc(q.consumers, func(other *consumer) bool { return other == c })
	for c.batches.len() > 0 {
		q.reclaimLost(c.batches.first().value, func(*slot) bool { return true })
	}
	if q.owner == c {
		q.owner = nil
	}
	q.freeLanes(func(other *consumer) bool { return other == c })
	q.adoptOrder()
	q.waiters.wakeAll()
	return nil
}

// Binding returns how the organ is bound.
func (c *consumer) Binding() *contract.Binding { return c.q.binding.Load() }

// TellBreaker notes the breaker for Health. Health alone reads it: the breaker stops its own process, and not the organ.
func (c *consumer) TellBreaker(_ context.Context, b contract.BreakerState) error {
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	if c.q.closed || c.closed {
		return contract.ErrClosed
	}
	c.breaker = b
	return nil
}
