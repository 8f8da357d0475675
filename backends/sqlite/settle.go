package sqlite

import (
	"context"
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Settle applies outcomes, and returns which of them counted. All of a call are one transaction, which is on the disk when
// Settle returns nil. An outcome counts only while its delivery is leased to the consumer.
func (c *consumer) Settle(ctx context.Context, outcomes []contract.Outcome) (results contract.Results, err error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	ds := make([]*contract.Delivery, len(outcomes))
	for i := range outcomes {
		if err := outcomes[i].Check(); err != nil {
			return nil, err
		}
		ds[i] = outcomes[i].Delivery
	}
	err = c.b.write(ctx, true, func(t *transaction) (err error) {
		results, err = c.settle(t, ds, outcomes)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !slices.Contains(results, contract.ResultLost) {
		return nil, nil
	}
	return results, nil
}

// settle takes the deliveries out of their leases, which is the fence, and applies the outcomes of those that were ours.
func (c *consumer) settle(t *transaction, ds []*contract.Delivery, outcomes []contract.Outcome) (results contract.Results, err error) {
	if c.left {
		return nil, contract.ErrClosed
	}
	o := c.organ
	if err := o.load(t); err != nil {
		return nil, err
	}
	if err := c.noteContact(t); err != nil {
		return nil, err
	}
	parts, taken := c.parts(ds)
	lost := map[*lease]bool{}
	for _, p := range parts {
		ours, err := t.giveBack(p)
		if err != nil {
			return nil, err
		}
		lost[p.lease] = !ours
	}
	results = make(contract.Results, len(outcomes))
	var done []int64
	for i := range outcomes {
		l, _ := ds[i].Ref.(*lease)
		if !taken[i] || lost[l] {
			results[i] = contract.ResultLost
			continue
		}
		finished, err := t.apply(o, l, &outcomes[i])
		if err != nil {
			return nil, err
		}
		if finished {
			done = append(done, l.ids[ds[i].Tag])
		}
	}
	return results, t.finish(o, done)
}

// apply does what an outcome says. finished reports whether the delivery is done.
func (t *transaction) apply(o *organ, l *lease, outcome *contract.Outcome) (finished bool, err error) {
	d := outcome.Delivery
	at := int(d.Tag)
	id := l.ids[at]
	switch outcome.Kind {
	case contract.OutcomeRetry, contract.OutcomeDecline:
		return false, t.schedule(o, id, l.holding.has(at), outcome)
	case contract.OutcomeDead:
		err = t.bury(o, id, d, outcome.Death)
	case contract.OutcomeAck:
		err = t.storeEmitted(o, id, outcome)
	}
	if err == nil && l.back.has(at) {
		err = t.dropBack(o, id, l.holding.has(at), d.Key)
	}
	return true, err
}

// storeEmitted stores what a handled delivery emitted. The spine has encoded it; what another caller left to us and cannot
// be encoded makes a dead letter.
func (t *transaction) storeEmitted(o *organ, id int64, outcome *contract.Outcome) error {
	if len(outcome.Emit) == 0 {
		return nil
	}
	msgs, err := encodeAll(outcome.Emit)
	if err != nil {
		return t.bury(o, id, outcome.Delivery, &contract.Death{Reason: contract.ReasonEmission, Error: err.Error()})
	}
	for i := range msgs {
		if err := t.store(&msgs[i]); err != nil {
			return err
		}
	}
	return nil
}

// bury keeps a delivery as a dead letter, with the bytes that are stored. A letter that halts pauses the organ in the same
// step.
func (t *transaction) bury(o *organ, id int64, d *contract.Delivery, death *contract.Death) error {
	bytes, err := t.number(`SELECT length(payload) FROM queue WHERE id = ?`, id)
	if err != nil {
		return err
	}
	delivery := contract.DeliveryID(d.ID, o.identity)
	size := bytes + int64(len(death.Error)+len(death.Stack))
	added, err := t.exec(`INSERT INTO dead (organ, delivery, event, key, envelope, payload, attempts, reason, error, stack, halt, size, at)
		SELECT ?, ?, event, key, envelope, payload, ?, ?, ?, ?, ?, ?, ? FROM queue WHERE id = ?`,
		o.number, delivery[:], int64(d.Attempts), string(death.Reason), death.Error, death.Stack, death.Halt, size, t.now, id)
	if err != nil || added == 0 {
		return err
	}
	t.touch(o)
	o.dead++
	o.deadBytes += size
	if death.Halt {
		o.paused = fmt.Sprintf("halted at %s %s", d.Type.Name, d.ID)
	}
	return nil
}

// finish deletes the rows of deliveries that are done. Those side by side go in one statement.
func (t *transaction) finish(o *organ, ids []int64) error {
	slices.Sort(ids)
	for len(ids) > 0 {
		n := 1
		for n < len(ids) && ids[n] == ids[0]+int64(n) {
			n++
		}
		if _, err := t.exec(`DELETE FROM queue WHERE id BETWEEN ? AND ?`, ids[0], ids[n-1]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}
