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

// consumer is one subscription of this process to an organ, in all partitions. It is the [contract.Consumer] that the
// runtime has, and safe for concurrent use.
//
//	made --bindAll--> bound --Close, or the end of the process--> closed
//
// A consumer keeps no deliveries. They are in the share of a queue, and the entry of a delivery says in which partition
// that is, so that any consumer of the organ may settle it. Calls about deliveries fail with [contract.ErrClosed] when
// the consumer is closed.
type consumer struct {
	process *Process
	name    string   // unique; the owner of an exclusive organ is known by it
	queues  []*queue // one of each partition, by number; bindAll writes them last, before the runtime has the consumer

	next   atomic.Uint32 // the partition whose turn it is, modulo their number
	wake   chan struct{} // has room for one notice that there may be something to fetch
	closed chan struct{} // closed by Close
	once   sync.Once     // lets the first Close leave
}

// notifyFetch wakes a Fetch that waits, or the next one that is about to: the channel has room for one notice. It does
// not block, so it may be called under q.mu.
func (c *consumer) notifyFetch() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// isClosed reports whether the consumer or the process was closed.
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

// Fetch waits for deliveries, and returns one at least or an error. Entries at hand are read at once; the readers of the
// partition wait for later ones. When the context ends and no other Fetch is there, the entries that were read go back,
// because other processes may have use for them.
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

// awaitDeliveries looks for deliveries until there are some, and waits for a notice between two looks. It returns an
// error of a partition at once, so that the runtime paces the attempts and tells of the trouble.
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

// pauseForMove waits until the slot of a partition may have moved further, or the consumer or ctx ends.
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

// countFetching adds n to the calls of Fetch that are under way. It also notes when, because a queue that no Fetch comes
// to offers its deliveries to other processes, and hands them back after a while.
func (c *consumer) countFetching(n int) {
	for _, q := range c.queues {
		q.mu.Lock()
		q.fetching, q.fetched = q.fetching+n, time.Now()
		q.mu.Unlock()
	}
}

// fetchOnce returns the deliveries that there are now, of one partition: each call begins with another one, so that all
// have their turn. A partition that fails does not keep others from being looked at; while its server is down, that is
// an error only where no other partition serves.
func (c *consumer) fetchOnce(ctx context.Context, limit int) ([]contract.Delivery, error) {
	// Each partition is read until it has nothing more. The first one with deliveries ends the round: a batch has those of
	// one partition, so that one call settles it.
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

// fillSoon is fillBuffer, which waits for a partition that does not answer no longer than ReadPatience where there are
// others. The read goes on behind its back, and fills the buffer for a later Fetch.
func (q *queue) fillSoon(ctx context.Context, d demand) (more bool, err error) {
	p := q.p
	if len(p.process.Partitions) == 1 {
		return q.fillBuffer(ctx, d)
	}
	if err := p.PutOff(); err != nil {
		return false, err
	}
	// A queue that needs no call is asked directly: a goroutine for each such look would cost more than the look.
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
// have left behind, or when c or ctx ends. It looks at each queue once more after it has joined those that wait, so that
// an entry which came before is not missed.
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
	// The jitter keeps many consumers that have begun together from looking together for ever.
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

// handBack releases the deliveries that are read and not handed out. A Fetch that comes meanwhile reads them again. It
// takes no longer than leaveLimit.
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

// emptyBuffer hands back all entries that are read and not handed out, those of a read that is under way included,
// because it waits for q.reading.
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

// Settle applies outcomes, each in one atomic step, and says of each whether it was applied. After an error any of them
// may have been applied, and the caller repeats the call: an outcome that was applied is answered as lost then. An
// [contract.UnsettledError] names those that a partition which is down has still to get.
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

// partitionOf returns the number of the partition that a delivery is stored in.
func (c *consumer) partitionOf(d *contract.Delivery) int { return held.EntryOf(d).Partition }

// ownerName returns the name under which this consumer owns an exclusive organ; empty for another organ.
func (c *consumer) ownerName() string {
	if c.queues[0].sub.Exclusive {
		return c.name
	}
	return ""
}

// Binding returns how the organ is bound now. The caller must not change it.
func (c *consumer) Binding() *contract.Binding { return c.queues[0].binding.Load() }

// Extend renews leases, and returns the deliveries whose leases are lost: another process may run them. When the call
// fails in some partitions, lost tells of the others.
func (c *consumer) Extend(ctx context.Context, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	if c.isClosed() {
		return nil, contract.ErrClosed
	}
	if len(c.queues) == 1 {
		return c.queues[0].extendLeases(ctx, ds, c.ownerName())
	}
	return c.extendApart(ctx, ds)
}

// Release hands deliveries back that the caller did not run, so that any process may run them at once. No attempt is
// counted.
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

// Close gives up the deliveries that are handed out, as a crash would: other processes suspect them. The others go back.
// A second Close does nothing.
func (c *consumer) Close() error { return c.CloseWithin(c.process.Done) }

// CloseWithin is Close, which ends when ctx does at the latest. Entries that were not handed back by then are free when
// their leases run out.
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
