package memory

import (
	"context"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Settle applies outcomes. All of them are applied under one hold of the mutex, so each is
// one atomic step; only a delivery that c still leases is touched.
func (c *consumer) Settle(_ context.Context, outcomes []necro.Outcome) ([]bool, error) {
	b := c.q.b
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || c.closed {
		return nil, necro.ErrClosed
	}
	if c.q.sub.Exclusive {
		c.touch(time.Now())
	}
	var applied []bool
	left := 0
	for i := range outcomes {
		ok, gone := c.settle(&outcomes[i])
		if gone {
			left++
		}
		if !ok && applied == nil {
			applied = allTrue(len(outcomes))
		}
		if applied != nil {
			applied[i] = ok
		}
	}
	b.leave(left)
	return applied, nil
}

func allTrue(n int) []bool {
	list := make([]bool, n)
	for i := range list {
		list[i] = true
	}
	return list
}

// settle applies one outcome. gone says that the delivery is not held any more.
func (c *consumer) settle(o *necro.Outcome) (applied, gone bool) {
	s := c.leased(o.Delivery)
	if s == nil {
		return false, false
	}
	seq := s.seq
	c.free(s)
	switch o.Kind {
	case necro.OutcomeRetry, necro.OutcomeDecline:
		c.q.postpone(o, seq)
		return true, false
	case necro.OutcomeDead:
		c.q.bury(o.Delivery, o.Death)
	default:
		c.q.emit(o)
	}
	c.q.unhold(o.Delivery, seq)
	return true, true
}

// emit stores what a handled delivery emitted. The spine has encoded it where that is
// needed; what another caller left to us and cannot be encoded makes a dead letter.
func (q *queue) emit(o *necro.Outcome) {
	msgs := o.Emit
	if q.b.copies && len(msgs) > 0 {
		encoded, err := q.b.encoded(msgs)
		if err != nil {
			q.bury(o.Delivery, &necro.Death{Reason: necro.ReasonEmission, Error: err.Error()})
			return
		}
		msgs = encoded
	}
	for i := range msgs {
		q.b.store(&msgs[i])
	}
}
