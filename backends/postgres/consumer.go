package postgres

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// consumer hands out the deliveries of one organ to one process.
//
//	open ----> closed (for good)
type consumer struct {
	b       *Backend
	organ   *organ
	sub     contract.Subscription
	number  int64 // in the database
	lease   time.Duration
	binding atomic.Pointer[contract.Binding]
	began   atomic.Bool // it has fetched
	closed  atomic.Bool
	left    atomic.Bool   // its row is gone
	leaving atomic.Bool   // another consumer waits for lanes of this one, as far as the last call has seen
	closing chan struct{} // closed by Close
	unseen  unseenTokens

	abandoned atomic.Int64     // looks whose Fetch has ended before them, and which have not released their deliveries yet
	returned  sqlstore.Waiters // calls of Close that wait for these
}

var _ interface {
	contract.LeavingConsumer
	contract.BoundConsumer
	contract.BreakerConsumer
} = (*consumer)(nil)

func newConsumer(b *Backend, o *organ, sub contract.Subscription) *consumer {
	return &consumer{b: b, organ: o, sub: sub, lease: max(sub.Lease, time.Millisecond), closing: make(chan struct{})}
}

// Binding returns how the organ is bound.
func (c *consumer) Binding() *contract.Binding { return c.binding.Load() }

// checkOpen returns why the consumer serves no more.
func (c *consumer) checkOpen() error {
	if c.closed.Load() || c.b.closed.Load() {
		return contract.ErrClosed
	}
	return nil
}

// Fetch waits until there is a delivery, and leases at most limit of them.
func (c *consumer) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	if limit < 1 {
		return nil, fmt.Errorf("fetch: the limit is %d: ask for at least 1 delivery", limit)
	}
	for asleep := false; ; asleep = true {
		if err := c.checkOpen(); err != nil {
			return nil, err
		}
		changed := c.organ.waiting.Wait()
		found, err := c.takeUnlessDone(ctx, limit, asleep)
		if err != nil {
			return nil, err
		}
		if len(found.ds) > 0 {
			return found.ds, nil
		}
		if !asleep {
			continue // from now on others know that this process waits
		}
		if err := c.waitForWork(ctx, changed, found.next); err != nil {
			return nil, err
		}
	}
}

// takeUnlessDone takes deliveries. When ctx ends before the server has answered, it returns at once, and a goroutine
// releases the deliveries of the late answer.
func (c *consumer) takeUnlessDone(ctx context.Context, limit int, asleep bool) (*taken, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := c.awaitAbandoned(ctx); err != nil { // what such a look has leased comes before what the next one finds
		return nil, err
	}
	type answer struct {
		*taken
		error
	}
	answers := make(chan answer, 1)
	detached := context.WithoutCancel(ctx)
	go func() {
		found, err := c.takeReady(detached, limit, asleep)
		answers <- answer{found, err}
	}()
	select {
	case a := <-answers:
		return a.taken, a.error
	case <-ctx.Done():
		c.abandoned.Add(1)
		go func() {
			if a := <-answers; a.error == nil {
				c.releaseUnseen(detached, a.ds)
			}
			c.abandoned.Add(-1)
			c.returned.WakeAll()
		}()
		return nil, ctx.Err()
	}
}

// awaitAbandoned waits until every abandoned look has released its deliveries, or until ctx ends.
func (c *consumer) awaitAbandoned(ctx context.Context) error {
	for {
		returned := c.returned.Wait()
		if c.abandoned.Load() == 0 {
			return nil
		}
		select {
		case <-returned:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// releaseUnseen hands back deliveries that no caller has got. The next look hands those back for which the server does not answer.
func (c *consumer) releaseUnseen(ctx context.Context, ds []contract.Delivery) {
	if err := c.releaseDeliveries(ctx, pointersTo(ds)); err != nil {
		c.unseen.addToken(ds[0].Ref.(*grant).token, c.lease+c.b.patience)
		c.b.log.Debug("postgres: fetched deliveries were not handed back", "namespace", c.b.namespace, "error", err)
	}
}

func pointersTo(ds []contract.Delivery) []*contract.Delivery {
	all := make([]*contract.Delivery, len(ds))
	for i := range ds {
		all[i] = &ds[i]
	}
	return all
}

// pollInterval is how long a Fetch waits for news at most, and pollOften for the news that no process tells: that the owner
// of an exclusive organ or of a lane fell silent.
const pollInterval = 5 * time.Second

// waitForWork returns when another look may find something.
func (c *consumer) waitForWork(ctx context.Context, changed <-chan struct{}, next time.Duration) error {
	pause := min(pollInterval, next)
	if binding := c.binding.Load(); binding != nil && (binding.Exclusive || binding.Lanes > 1) {
		pause = min(pause, c.lease/3) // its owner has to say that it is alive, and others look whether it is
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-c.closing:
	case <-c.b.closing:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// Close gives up the leased deliveries, as a crash of the process would. A second call does nothing.
func (c *consumer) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), c.b.patience)
	defer cancel()
	return c.CloseWithin(ctx)
}

// CloseWithin is Close that ends when ctx does. Deliveries that it could not give up come back when their leases run out.
func (c *consumer) CloseWithin(ctx context.Context) error {
	if !c.closed.CompareAndSwap(false, true) {
		return nil
	}
	close(c.closing)
	c.b.mu.Lock()
	delete(c.b.consumers, c)
	c.b.mu.Unlock()
	if c.b.closed.Load() {
		return nil // its Close has given up everything
	}
	if err := c.leaveOrgan(ctx); err != contract.ErrClosed {
		return err
	}
	return nil
}

// leaveOrgan gives up the consumer's leases, and deletes its row. No look of the consumer is under way when leaveOrgan
// returns nil, because a late one would take deliveries out of their order for a consumer that is gone.
func (c *consumer) leaveOrgan(ctx context.Context) error {
	if c.left.Load() {
		return nil
	}
	if err := c.awaitAbandoned(ctx); err != nil {
		return err
	}
	err := c.b.transactSteps(ctx, false, append([]step{
		{text: `UPDATE {lease} SET ` + giveUp + ` WHERE organ = $1 AND consumer = $2`, values: []any{c.organ.number, c.number}},
		{text: `DELETE FROM {consumer} WHERE number = $1`, values: []any{c.number}},
		{text: `UPDATE {organ} SET owner = 0, owner_until = 0 WHERE number = $1 AND owner = $2`, values: []any{c.organ.number, c.number}},
		{text: `UPDATE {lane} SET owner = 0, heir = 0 WHERE organ = $1 AND owner = $2`, values: []any{c.organ.number, c.number}},
	}, c.b.orderSteps()...)...)
	if err != nil {
		return err
	}
	if c.left.CompareAndSwap(false, true) && c.began.Load() {
		c.b.consuming.Add(-1)
	}
	c.b.wakeOrgans([]int32{c.organ.number})
	c.b.waker.addNews([]int32{c.organ.number})
	return nil
}

// TellBreaker notes the breaker for Health.
func (c *consumer) TellBreaker(ctx context.Context, s contract.BreakerState) error {
	if err := c.checkOpen(); err != nil {
		return err
	}
	return c.b.transactSteps(ctx, true, step{
		text:   `UPDATE {consumer} SET open_since = $2, failures = $3, next_try = $4 WHERE number = $1`,
		values: []any{c.number, sqlstore.NanosOf(s.Since), s.Failures, sqlstore.NanosOf(s.Next)},
	})
}
