package loop

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/runtime/contract"
)

// consumer is one subscription of this process to an organ, in all partitions.
type consumer struct {
	process *Process
	name    string // unique; it owns an exclusive organ
	queues  []*queue
	next    atomic.Uint32 // partition whose turn it is

	wake   chan struct{} // there may be something to fetch
	closed chan struct{}
	once   sync.Once
}

func (c *consumer) notifyFetch() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *consumer) isClosed() bool {
	select {
	case <-c.closed:
		return true
	case <-c.process.Done.Done():
		return true
	default:
		return false
	}
}

// Fetch waits for deliveries. Entries at hand are read at once; for later ones the one reader of the partition
// waits.
func (c *consumer) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	if limit < 1 {
		return nil, fmt.Errorf("fetch: the limit is %d: ask for at least 1 delivery", limit)
	}
	c.countFetching(1)
	ds, err := c.awaitDeliveries(ctx, limit)
	c.countFetching(-1)
	if err != nil && ctx.Err() != nil { // a read that ends later finds no Fetch, and hands back itself
		c.handBack()
	}
	return ds, err
}

func (c *consumer) awaitDeliveries(ctx context.Context, limit int) ([]contract.Delivery, error) {
	for {
		if c.isClosed() {
			return nil, contract.ErrClosed
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		ds, err := c.fetchOnce(ctx, limit)
		if conn.IsMoving(err) { // which is no trouble of the backend's, and over in a moment
			c.pauseForMove(ctx)
			continue
		}
		if len(ds) > 0 || err != nil && ctx.Err() == nil {
			return ds, err
		}
		if err == nil {
			c.waitForWork(ctx)
		}
	}
}

// pauseForMove waits until a slot may have moved further.
func (c *consumer) pauseForMove(ctx context.Context) {
	timer := time.NewTimer(conn.JitterWait(50 * time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-c.closed:
	case <-c.process.Done.Done():
	}
}

func (c *consumer) countFetching(n int) {
	for _, q := range c.queues {
		q.mu.Lock()
		q.fetching, q.fetched = q.fetching+n, time.Now()
		q.mu.Unlock()
	}
}

// fetchOnce returns the deliveries that there are now. A partition that fails does not keep others from being looked
// at; while its server is down, that is an error only where no other partition serves.
func (c *consumer) fetchOnce(ctx context.Context, limit int) ([]contract.Delivery, error) {
	first := int(c.next.Add(1))
	var failed error
	down := 0
	for i := range c.queues {
		q := c.queues[(first+i)%len(c.queues)]
		for more := q.servesConsumer(c); more; {
			if ds := q.takeDeliveries(limit); len(ds) > 0 {
				q.readAhead(limit)
				return ds, nil
			}
			var err error
			if more, err = q.fillSoon(ctx, demand{wanted: limit}); err == nil {
				continue
			}
			if more = false; c.process.MayWait(err) {
				down++
			} else {
				failed = firstError(failed, err)
			}
			if down == len(c.queues) {
				failed = q.p.ExplainError(err)
			}
		}
	}
	return nil, failed
}

// fillSoon is fill, which waits for a partition that does not answer no longer than ReadPatience where
// there are others.
func (q *queue) fillSoon(ctx context.Context, d demand) (more bool, err error) {
	p := q.p
	if len(p.process.Partitions) == 1 {
		return q.fillBuffer(ctx, d)
	}
	if err := p.PutOff(); err != nil {
		return false, err
	}
	if look, busy := q.missingReads(d); p.opened.Load() && !look && !busy {
		return q.hasAvailable(), nil
	}
	return CallWithin(ctx, &p.reads, ReadPatience, func() (bool, error) {
		if err := p.OpenOnce(p.process.Done); err != nil {
			return false, err
		}
		return q.fillBuffer(ctx, d)
	})
}

// waitForWork returns when there may be something to fetch, when it is time to look for entries that other processes
// have left behind, or when c or ctx ends.
func (c *consumer) waitForWork(ctx context.Context) {
	every := time.Duration(0)
	for _, q := range c.queues {
		every = q.lookEvery()
		if !q.servesConsumer(c) {
			continue
		}
		q.mu.Lock()
		q.waiting = append(q.waiting, c)
		if (q.countOffered() > 0 || q.held.WantsLook()) && q.p.PutOff() == nil && q.p.reads.count.Load() == 0 {
			c.notifyFetch()
		}
		q.mu.Unlock()
		q.p.readers.joinQueue(q)
	}
	timer := time.NewTimer(conn.JitterWait(every))
	defer timer.Stop()
	select {
	case <-c.wake:
	case <-timer.C:
	case <-ctx.Done():
	case <-c.closed:
	case <-c.process.Done.Done():
	}
	for _, q := range c.queues {
		q.mu.Lock()
		if i := slices.Index(q.waiting, c); i >= 0 {
			q.waiting = slices.Delete(q.waiting, i, i+1)
		}
		q.mu.Unlock()
	}
}

// handBack releases the deliveries that are read and not handed out, when no Fetch is left that would take them.
func (c *consumer) handBack() {
	var emptying sync.WaitGroup
	for _, q := range c.queues {
		emptying.Go(func() {
			ctx, cancel := context.WithTimeout(c.process.Done, leaveLimit)
			defer cancel()
			q.emptyBuffer(ctx)
		})
	}
	emptying.Wait()
}

// emptyBuffer hands back all that is read and not handed out, a read that is under way included.
func (q *queue) emptyBuffer(ctx context.Context) {
	err := q.reading.lock(ctx)
	if err == nil {
		defer q.reading.unlock()
		err = q.handBack(ctx, func(*held.Entry) bool { return true })
	}
	if err != nil {
		q.p.process.Log.Warn("redis: cannot release fetched deliveries: they come again when their leases run out", "organ", q.organ, "error", err)
	}
}

// Settle applies outcomes.
func (c *consumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	if c.isClosed() {
		return nil, contract.ErrClosed
	}
	for i := range outcomes {
		if err := outcomes[i].Check(); err != nil {
			return nil, err
		}
		if err := checkState(&outcomes[i]); err != nil {
			return nil, err
		}
	}
	if len(c.queues) == 1 {
		results, err := c.queues[0].settling.settleOutcomes(ctx, outcomes, c.ownerName())
		if conn.IsMoving(err) {
			return slices.Repeat(contract.Results{contract.ResultLost}, len(outcomes)), leaveAll(outcomes, err)
		}
		return results, err
	}
	return c.settleApart(ctx, outcomes)
}

// partitionOf returns the partition of a delivery.
func (c *consumer) partitionOf(d *contract.Delivery) int { return held.EntryOf(d).Partition }

// ownerName is the name under which an exclusive organ is owned.
func (c *consumer) ownerName() string {
	if c.queues[0].sub.Exclusive {
		return c.name
	}
	return ""
}

// Binding returns how the organ is bound.
func (c *consumer) Binding() *contract.Binding { return c.queues[0].binding.Load() }

// Extend renews leases. When that fails in some partitions, lost tells of the others.
func (c *consumer) Extend(ctx context.Context, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	if c.isClosed() {
		return nil, contract.ErrClosed
	}
	if len(c.queues) == 1 {
		return c.queues[0].extendLeases(ctx, ds, c.ownerName())
	}
	return c.extendApart(ctx, ds)
}

// Release hands deliveries back.
func (c *consumer) Release(ctx context.Context, ds []*contract.Delivery) error {
	if c.isClosed() {
		return contract.ErrClosed
	}
	if len(c.queues) == 1 {
		return c.queues[0].giveUp(ctx, ds)
	}
	return c.releaseApart(ctx, ds)
}

// leaveLimit is how long a consumer tries to tell a server that it leaves.
const leaveLimit = 2 * time.Second

// Close gives up the deliveries that are handed out, as a crash would; the others go back. A second one does
// nothing.
func (c *consumer) Close() error { return c.CloseWithin(c.process.Done) }

// CloseWithin is Close that ends when ctx does, at the latest.
func (c *consumer) CloseWithin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaveLimit)
	defer cancel()
	c.once.Do(func() {
		close(c.closed)
		var leaving sync.WaitGroup
		for _, q := range c.queues {
			leaving.Go(func() { q.leaveConsumer(ctx, c) })
		}
		leaving.Wait()
	})
	return nil
}

// checkState refuses a version that has no place in a record.
func checkState(o *contract.Outcome) error {
	w, d := o.State, o.Delivery
	if w == nil || w.Version >= 0 && int64(w.Version) <= math.MaxUint32 {
		return nil
	}
	return fmt.Errorf("settle %s %s: its state is of version %d: want 0 to %d", d.Type.Name, d.ID, w.Version, uint32(math.MaxUint32))
}
