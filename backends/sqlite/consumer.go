package sqlite

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
	lease   time.Duration
	binding atomic.Pointer[contract.Binding]
	closed  atomic.Bool
	closing chan struct{} // closed by Close

	// Only the writer's goroutine uses these.
	number int64 // in the file
	began  bool  // it has fetched
	left   bool  // its row is gone
	leases map[*lease]bool
}

var _ interface {
	contract.LeavingConsumer
	contract.BoundConsumer
	contract.BreakerConsumer
} = (*consumer)(nil)

func newConsumer(b *Backend, o *organ, sub contract.Subscription) *consumer {
	return &consumer{b: b, organ: o, sub: sub, lease: max(sub.Lease, time.Millisecond), closing: make(chan struct{}), leases: map[*lease]bool{}}
}

// enterOrgan writes the consumer's row.
func (c *consumer) enterOrgan(t *transaction) (err error) {
	_, err = t.exec(`INSERT INTO consumer (process, organ, ordered, exclusive, began) VALUES (?, ?, ?, ?, ?)`,
		c.b.process, c.organ.number, int(c.sub.Order), c.sub.Exclusive, c.began)
	if err == nil {
		c.number, err = t.queryNumber(`SELECT last_insert_rowid()`)
	}
	return err
}

// tellBinding notes how the organ is bound. The binding stays the same pointer until it changes.
func (c *consumer) tellBinding(k *known) {
	o := c.organ
	bound := contract.Binding{Identity: o.identity, Order: o.order, Exclusive: o.exclusive}
	sqlstore.TellBinding(&c.binding, bound, &c.sub, k.identities)
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
	for {
		if err := c.checkOpen(); err != nil {
			return nil, err
		}
		changed := c.organ.waiting.Wait()
		var ds []contract.Delivery
		var keep bool // an owner that waits has to say that it is alive
		err := c.b.submitJob(ctx, false, func(t *transaction) (err error) {
			ds, err = c.takeReady(t, limit)
			keep = c.organ.exclusive && c.organ.owner == c.number
			return err
		})
		if err != nil || len(ds) > 0 {
			return ds, err
		}
		if err := c.waitForWork(ctx, changed, keep); err != nil {
			return nil, err
		}
	}
}

// waitForWork returns when another look may find something.
func (c *consumer) waitForWork(ctx context.Context, changed <-chan struct{}, keep bool) error {
	var contact <-chan time.Time
	if keep {
		timer := time.NewTimer(c.lease / 3)
		defer timer.Stop()
		contact = timer.C
	}
	c.b.watch.noteWaiting()
	select {
	case <-changed:
	case <-contact:
	case <-c.closing:
	case <-c.b.closing:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// Extend renews the leases, marks suspects as started and returns the deliveries that are not leased to this consumer any
// more.
func (c *consumer) Extend(ctx context.Context, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	if err := c.checkOpen(); err != nil {
		return nil, err
	}
	err = c.b.submitJob(ctx, false, func(t *transaction) (err error) {
		lost, err = c.extendLeases(t, ds)
		return err
	})
	return lost, err
}

// Release hands deliveries back to their places in stored order. No attempt is spent.
func (c *consumer) Release(ctx context.Context, ds []*contract.Delivery) error {
	if err := c.checkOpen(); err != nil {
		return err
	}
	return c.b.submitJob(ctx, false, func(t *transaction) error { return c.releaseDeliveries(t, ds) })
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
	err := c.b.writer.submitJob(ctx, false, c.leaveOrgan)
	if err == contract.ErrClosed {
		return nil
	}
	return err
}

// leaveOrgan gives up the consumer's leases, and deletes its row. A second call does nothing.
func (c *consumer) leaveOrgan(t *transaction) error {
	if c.left {
		return nil
	}
	o := c.organ
	if err := o.loadCounters(t); err != nil {
		return nil // the organ was removed, and everything with it
	}
	if err := t.reclaimLeases(o, `SELECT number, ids, remaining, started FROM lease WHERE organ = ? AND consumer = ?`, o.number, c.number); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM consumer WHERE number = ?`, c.number); err != nil {
		return err
	}
	t.touchOrgan(o)
	if o.owner == c.number {
		o.owner, o.ownerUntil = 0, 0
	}
	if err := t.adoptOrders(); err != nil {
		return err
	}
	began := c.began
	c.left = true
	if began {
		c.b.consuming.Add(-1)
	}
	t.undo = append(t.undo, func() {
		c.left = false
		if began {
			c.b.consuming.Add(1)
		}
	})
	return nil
}

// TellBreaker notes the breaker for Health.
func (c *consumer) TellBreaker(ctx context.Context, s contract.BreakerState) error {
	if err := c.checkOpen(); err != nil {
		return err
	}
	return c.b.submitJob(ctx, false, func(t *transaction) error {
		_, err := t.exec(`UPDATE consumer SET open_since = ?, failures = ?, next_try = ? WHERE number = ?`,
			sqlstore.NanosOf(s.Since), s.Failures, sqlstore.NanosOf(s.Next), c.number)
		return err
	})
}
