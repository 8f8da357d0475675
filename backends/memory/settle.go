package memory

import (
	"context"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Settle applies outcomes, and returns what became of each; nil says that all were applied. The queue, and
// those that get emitted events, are locked meanwhile, so that each outcome is one atomic step. An
// outcome counts only while its delivery is leased to c, and while its key has the state that it has read. An
// unknown outcome is an error, and then none is applied.
func (c *consumer) Settle(_ context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	b := c.q.b
	for {
		r := route{routing: b.routing.Load(), targets: []*queue{c.q}}
		for i := range outcomes {
			o := &outcomes[i]
			if err := o.Check(); err != nil {
				return nil, err
			}
			r.directory = r.directory || o.Delivery.Unique != 0
			if len(o.Emit) > 0 {
				r.planMessages(o.Emit)
			}
		}
		if b.lockRoute(&r) {
			results, came, err := c.settleAll(&r, outcomes)
			b.unlockRoute(&r)
			b.door.countOut(-came)
			return results, err
		}
	}
}

// settleAll applies outcomes by a route whose targets are locked. came is how many deliveries the backend holds more
// than before. An error is one of all outcomes: none was applied. The door is told by the caller, once for all
// outcomes and without a mutex of a queue, because a publisher that it wakes would wait for that mutex.
func (c *consumer) settleAll(r *route, outcomes []contract.Outcome) (results contract.Results, came int, err error) {
	if c.q.closed || c.closed {
		return nil, 0, contract.ErrClosed
	}
	if c.q.hasOwners() {
		c.noteContact(c.q.b.now())
	}
	for i := range outcomes {
		result, more := c.settleOne(r, &outcomes[i])
		came += more
		if result != contract.ResultApplied && results == nil {
			results = make(contract.Results, len(outcomes))
		}
		if results != nil {
			results[i] = result
		}
	}
	return results, came, nil
}

// settleOne applies one outcome. came is how many deliveries are held more than before. The order of the steps is the
// promise: the fence comes first, then the comparison of the state, and only then the lease is freed and anything
// written. So an outcome that is lost or in conflict has changed nothing.
func (c *consumer) settleOne(r *route, o *contract.Outcome) (result contract.Result, came int) {
	s := c.leasedSlot(o.Delivery)
	if s == nil {
		return contract.ResultLost, 0
	}
	var state *record
	if o.State != nil {
		found, isTheOne := c.q.findState(o)
		if !isTheOne {
			return contract.ResultConflict, 0
		}
		state = found
	}
	seq, holds, lane := s.seq, s.holds, s.lane
	c.freeSlot(s)
	switch o.Kind {
	case contract.OutcomeRetry, contract.OutcomeDecline:
		c.handBack(o, &item{*o.Delivery, seq, holds}, lane)
		return contract.ResultApplied, 0
	case contract.OutcomeDead, contract.OutcomeAck:
		stored := true
		if len(o.Emit) > 0 {
			came, stored = c.q.storeEmitted(r, o)
		}
		if o.State != nil && stored {
			c.q.writeState(o, state)
		}
		if o.Kind == contract.OutcomeDead && stored {
			c.q.keepDead(o.Delivery, *o.Death)
		}
		if o.Delivery.Unique != 0 {
			c.q.b.unique.noteSettled(c.q, o.Delivery.ID)
		}
	}
	if holds != holdsNothing {
		c.q.letGo(o.Delivery.Key, seq, holds)
	}
	return contract.ResultApplied, came - 1
}

// handBack schedules a retry or a decline. A decline that hands the lane of the delivery to another consumer has no delay
// and is not counted.
func (c *consumer) handBack(o *contract.Outcome, it *item, lane uint8) {
	q := c.q
	if o.Kind == contract.OutcomeDecline && len(q.lanes.list) > 0 && q.passLane(c, &q.lanes.list[lane]) {
		it.clearSuspicion()
		q.pushBack(it)
		return
	}
	q.scheduleRetry(o, it)
}

// storeEmitted stores what a handled delivery emitted, and returns how many deliveries that makes. The
// spine has encoded it where that is needed; what another caller left to us and cannot be encoded
// makes a dead letter, and is not stored.
func (q *queue) storeEmitted(r *route, o *contract.Outcome) (came int, stored bool) {
	msgs := o.Emit
	if q.b.copies {
		encoded, err := q.b.encodeAll(msgs)
		if err != nil {
			q.keepDead(o.Delivery, contract.Death{Reason: contract.ReasonEmission, Error: err.Error()})
			return 0, false
		}
		msgs = encoded
	}
	for i := range msgs {
		came += q.b.storeMessage(r.queuesOf(msgs[i].Type), &msgs[i])
	}
	return came, true
}
