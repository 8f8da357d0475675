package memory

import (
	"context"
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// consumer hands out the deliveries of one queue to one process. Its fields are guarded
// by the backend's mutex.
type consumer struct {
	q        *queue
	lease    time.Duration
	closed   bool
	counted  bool // in the backend's consuming
	fetching int  // calls of Fetch that wait
	contact  int64
	batches  []*batch
	spare    *batch   // to be used again
	settled  []*chunk // to be used again after the next Fetch
}

// waiter is one call of Fetch that waits.
type waiter struct{ woken chan struct{} }

// Fetch waits until there is a delivery, and leases at most limit of them.
func (c *consumer) Fetch(ctx context.Context, limit int) ([]necro.Delivery, error) {
	b := c.q.b
	b.mu.Lock()
	defer b.mu.Unlock()
	if !c.counted && !c.closed {
		c.counted = true
		b.consuming++
	}
	c.recycle()
	for {
		if b.closed || c.closed {
			return nil, necro.ErrClosed
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if ds := c.tryFetch(max(limit, 1)); len(ds) > 0 {
			return ds, nil
		}
		c.wait(ctx)
	}
}

func (c *consumer) tryFetch(limit int) []necro.Delivery {
	q, now := c.q, time.Now()
	c.touch(now)
	if !q.available(c, now) {
		return nil
	}
	ds := q.take(c, limit, now)
	if q.ready > 0 {
		q.wake()
	}
	return ds
}

// touch notes that the consumer is alive, as the owner of an exclusive organ must be.
func (c *consumer) touch(now time.Time) { c.contact = now.Add(c.lease).UnixNano() }

// wait lets go of the mutex until something may have changed.
func (c *consumer) wait(ctx context.Context) {
	q := c.q
	w := &waiter{make(chan struct{}, 1)}
	q.waiters = append(q.waiters, w)
	c.fetching++
	q.b.mu.Unlock()
	select {
	case <-w.woken:
	case <-ctx.Done():
	}
	q.b.mu.Lock()
	c.fetching--
	if i := slices.Index(q.waiters, w); i >= 0 {
		q.waiters = slices.Delete(q.waiters, i, i+1)
	} else if ctx.Err() != nil {
		q.wake() // it was meant for somebody who can take it
	}
}

// wake wakes the call of Fetch that waits longest; all of them where only the owner may
// take what there is.
func (q *queue) wake() {
	if q.sub.Exclusive {
		q.wakeAll()
		return
	}
	if len(q.waiters) > 0 {
		q.waiters[0].woken <- struct{}{}
		q.waiters = slices.Delete(q.waiters, 0, 1)
	}
}

func (q *queue) wakeAll() {
	for _, w := range q.waiters {
		w.woken <- struct{}{}
	}
	q.waiters = nil
}

// Extend renews the leases, marks suspects as started and returns what is not ours.
func (c *consumer) Extend(_ context.Context, ds []*necro.Delivery) ([]*necro.Delivery, error) {
	b := c.q.b
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || c.closed {
		return nil, necro.ErrClosed
	}
	now := time.Now()
	c.touch(now)
	var lost []*necro.Delivery
	for _, d := range ds {
		s := c.leased(d)
		if s == nil {
			lost = append(lost, d)
			continue
		}
		s.until = now.Add(c.lease).UnixNano()
		s.started = s.started || d.Suspect
	}
	return lost, nil
}

// Release hands deliveries back, in front of what is stored behind them.
func (c *consumer) Release(_ context.Context, ds []*necro.Delivery) error {
	b := c.q.b
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || c.closed {
		return necro.ErrClosed
	}
	for _, d := range ds {
		if s := c.leased(d); s != nil {
			c.free(s)
			c.q.pushBack(item{*d, s.seq})
		}
	}
	return nil
}

// Close gives up what is still leased, as a crash of the process would.
func (c *consumer) Close() error {
	b, q := c.q.b, c.q
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.closed {
		return necro.ErrClosed
	}
	c.closed = true
	if c.counted {
		b.consuming--
	}
	q.consumers = slices.DeleteFunc(q.consumers, func(other *consumer) bool { return other == c })
	q.reclaim(c, func(*slot) bool { return true })
	if q.owner == c {
		q.owner = nil
	}
	q.wakeAll()
	return nil
}
