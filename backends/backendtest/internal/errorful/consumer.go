package errorful

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// consumer leases the entries of one organ to one process.
type consumer struct {
	b      *Backend
	organ  *organ
	lease  time.Duration
	closed bool
}

// runCall runs one call of the consumer under the backend's mutex. Each every-th one fails: in turns before it has an
// effect, and after it, as when the reply of a server is lost.
func (c *consumer) runCall(name string, do func()) error {
	b := c.b
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || c.closed {
		return contract.ErrClosed
	}
	b.calls++
	fails := b.every > 0 && b.calls%b.every == 0
	if !fails || b.calls/b.every%2 == 0 {
		do()
	}
	if fails {
		return fmt.Errorf("%s %s: call %d: %w", name, c.organ.sub.Organ, b.calls, contract.ErrBackendUnavailable)
	}
	return nil
}

// Fetch leases at most limit entries, and waits until there is one.
func (c *consumer) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	if limit < 1 {
		return nil, fmt.Errorf("fetch: the limit is %d: ask for at least 1 delivery", limit)
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var ds []contract.Delivery
		var wait time.Duration
		var changed chan struct{}
		err := c.runCall("fetch", func() { ds, wait, changed = c.leaseReady(limit, time.Now()) })
		if err != nil || len(ds) > 0 {
			return ds, err
		}
		select {
		case <-changed:
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// leaseReady leases ready entries. Without one, the next entry becomes ready after wait, or when changed is closed.
func (c *consumer) leaseReady(limit int, now time.Time) (ds []contract.Delivery, wait time.Duration, changed chan struct{}) {
	c.organ.expireLeases(now)
	wait, changed = time.Hour, c.b.changed
	for _, e := range c.organ.entries {
		switch {
		case len(ds) == limit || c.organ.paused != "":
			return ds, wait, changed
		case e.holder != nil:
			wait = min(wait, e.until.Sub(now))
		case e.due.After(now):
			wait = min(wait, e.due.Sub(now))
		default:
			c.b.leases++
			e.Ref, e.Tag = e, c.b.leases
			e.holder, e.since, e.until = c, now, now.Add(c.lease)
			ds = append(ds, e.Delivery)
		}
	}
	return ds, wait, changed
}

// expireLeases ends the leases that ran out.
func (o *organ) expireLeases(now time.Time) {
	for _, e := range o.entries {
		if e.holder != nil && !e.until.After(now) {
			e.reclaimLease()
		}
	}
}

// reclaimLease ends a lease whose holder crashed or hangs: the entry may be the reason.
func (e *entry) reclaimLease() {
	e.Suspect = true
	if e.started {
		e.Crashes++
	}
	e.GivingUp = e.GivingUp || e.givingUp
	e.freeLease()
}

// freeLease ends a lease.
func (e *entry) freeLease() { e.holder, e.started, e.givingUp = nil, false, false }

// leasedEntry returns the entry of a delivery while the consumer holds it under the delivery's lease, and nil otherwise. It
// is the fence: of all settles of a delivery only one finds the entry.
func (c *consumer) leasedEntry(d *contract.Delivery) *entry {
	if e, ok := d.Ref.(*entry); ok && e.holder == c && e.Tag == d.Tag {
		return e
	}
	return nil
}

// Settle applies outcomes, all of them in one step.
func (c *consumer) Settle(_ context.Context, outcomes []contract.Outcome) (results contract.Results, err error) {
	for i := range outcomes {
		if err := outcomes[i].Check(); err != nil {
			return nil, err
		}
	}
	err = c.runCall("settle", func() {
		for i := range outcomes {
			result := contract.ResultLost
			if e := c.leasedEntry(outcomes[i].Delivery); e != nil {
				c.applyOutcome(e, &outcomes[i])
				result = contract.ResultApplied
			}
			results = append(results, result)
		}
		c.b.wakeFetches()
	})
	return results, err
}

// applyOutcome does what an outcome says. An entry that comes back is no suspect any more.
func (c *consumer) applyOutcome(e *entry, outcome *contract.Outcome) {
	e.freeLease()
	e.Suspect, e.Crashes, e.GivingUp = false, 0, false
	now := time.Now()
	e.due = now.Add(outcome.Delay)
	switch outcome.Kind {
	case contract.OutcomeRetry:
		e.Attempts++
	case contract.OutcomeDecline:
		if e.Declines++; e.Declines == 1 {
			e.Declined = now.UnixNano()
		}
	case contract.OutcomeDead:
		c.organ.removeEntry(e)
		c.organ.buryEntry(e, outcome.Death)
		c.storeEmitted(outcome)
	case contract.OutcomeAck:
		c.organ.removeEntry(e)
		c.storeEmitted(outcome)
	}
}

func (c *consumer) storeEmitted(outcome *contract.Outcome) {
	for _, m := range outcome.Emit {
		c.b.storeMessage(m)
	}
}

func (o *organ) removeEntry(e *entry) {
	at := slices.Index(o.entries, e)
	o.entries = slices.Delete(o.entries, at, at+1)
}

// buryEntry counts a dead letter, and pauses the organ when it says so or when there are too many. An engine with methods for
// operators would keep the letter.
func (o *organ) buryEntry(e *entry, death *contract.Death) {
	payload, _ := e.Encoded()
	o.dead++
	o.deadBytes += int64(len(payload))
	limit, most := o.sub.DeadLimit, o.sub.DeadBytes
	switch {
	case death.Halt:
		o.paused = "halted: " + death.Error
	case limit > 0 && o.dead >= limit, most > 0 && o.deadBytes >= most:
		o.paused = fmt.Sprintf("%d dead letters of %d bytes", o.dead, o.deadBytes)
	}
}

// Extend renews leases, marks suspects as started, and returns the deliveries whose lease is lost.
func (c *consumer) Extend(_ context.Context, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	err = c.runCall("extend", func() {
		now := time.Now()
		for _, d := range ds {
			e := c.leasedEntry(d)
			if e == nil {
				lost = append(lost, d)
				continue
			}
			e.since, e.until = now, now.Add(c.lease)
			e.started = e.started || e.Suspect
			e.givingUp = e.givingUp || d.GivingUp
		}
	})
	return lost, err
}

// Release hands entries back. They are still in their places.
func (c *consumer) Release(_ context.Context, ds []*contract.Delivery) error {
	return c.runCall("release", func() {
		for _, d := range ds {
			if e := c.leasedEntry(d); e != nil {
				e.freeLease()
			}
		}
		c.b.wakeFetches()
	})
}

// Close gives up the leased deliveries, as a crash of the process would. A second Close does nothing.
func (c *consumer) Close() error {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	c.organ.consumers--
	for _, e := range c.organ.entries {
		if e.holder == c {
			e.reclaimLease()
		}
	}
	c.b.wakeFetches()
	return nil
}

// Binding returns what the organ was bound as.
func (c *consumer) Binding() *contract.Binding { return c.organ.binding }
