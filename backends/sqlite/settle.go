package sqlite

import (
	"context"
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Settle applies outcomes, and returns what became of each. All of a call are one transaction, which is on the disk when
// Settle returns nil. An outcome counts only while its delivery is leased to the consumer, and while its key has the state that
// it has read.
func (c *consumer) Settle(ctx context.Context, outcomes []contract.Outcome) (results contract.Results, err error) {
	if err := c.checkOpen(); err != nil {
		return nil, err
	}
	ds := make([]*contract.Delivery, len(outcomes))
	for i := range outcomes {
		if err := outcomes[i].Check(); err != nil {
			return nil, err
		}
		ds[i] = outcomes[i].Delivery
	}
	err = c.b.submitJob(ctx, true, func(t *transaction) (err error) {
		results, err = c.settleAll(t, ds, outcomes)
		return err
	})
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(results, func(r contract.Result) bool { return r != contract.ResultApplied }) {
		return results, nil
	}
	return nil, nil
}

// settleAll takes the deliveries out of their leases, which is the fence, and applies the outcomes of those that were ours. A
// delivery whose outcome is in conflict stays in its lease.
func (c *consumer) settleAll(t *transaction, ds []*contract.Delivery, outcomes []contract.Outcome) (results contract.Results, err error) {
	if c.left {
		return nil, contract.ErrClosed
	}
	o := c.organ
	if err := o.loadCounters(t); err != nil {
		return nil, err
	}
	if err := c.noteContact(t); err != nil {
		return nil, err
	}
	parts, taken := c.partsOf(ds)
	results = make(contract.Results, len(outcomes))
	changes, err := t.compareStates(o, parts, taken, outcomes, results)
	if err != nil {
		return nil, err
	}
	lost := map[*lease]bool{}
	for _, p := range parts {
		if p.n == 0 {
			continue
		}
		ours, err := t.giveBack(p)
		if err != nil {
			return nil, err
		}
		lost[p.lease] = !ours
	}
	var done []int64
	for i := range outcomes {
		l, _ := ds[i].Ref.(*lease)
		switch {
		case results[i] == contract.ResultConflict:
			continue
		case !taken[i] || lost[l]:
			results[i] = contract.ResultLost
			continue
		}
		finished, err := t.applyOutcome(o, l, &outcomes[i])
		if err != nil {
			return nil, err
		}
		if finished {
			done = append(done, l.ids[ds[i].Tag])
		}
	}
	if err := changes.saveRecords(t); err != nil {
		return nil, err
	}
	return results, t.deleteDone(o, done)
}

// compareStates notes which outcomes are in conflict, takes these out of their parts, and returns what the others do with the
// records. An outcome whose lease is lost changes no record: therefore the leases are looked for first, when there is a
// state at all.
func (t *transaction) compareStates(o *organ, parts []part, taken []bool, outcomes []contract.Outcome, results contract.Results) (changes stateChanges, err error) {
	if !anyState(outcomes) {
		return changes, nil
	}
	changes = stateChanges{o, map[string]*stateChange{}}
	byLease := map[*lease]*part{}
	for i := range parts {
		there, err := t.queryNumber(`SELECT count(*) FROM lease WHERE number = ?`, parts[i].number)
		if err != nil {
			return changes, err
		}
		if there != 0 {
			byLease[parts[i].lease] = &parts[i]
		}
	}
	for i := range outcomes {
		l, _ := outcomes[i].Delivery.Ref.(*lease)
		p := byLease[l]
		if !taken[i] || p == nil {
			continue
		}
		ok, err := changes.takesPart(t, &outcomes[i])
		if err != nil {
			return changes, err
		}
		if !ok {
			results[i] = contract.ResultConflict
			p.leaveOut(int(outcomes[i].Delivery.Tag))
		}
	}
	return changes, nil
}

// applyOutcome does what an outcome says. finished reports whether the delivery is done.
func (t *transaction) applyOutcome(o *organ, l *lease, outcome *contract.Outcome) (finished bool, err error) {
	d := outcome.Delivery
	at := int(d.Tag)
	id := l.ids[at]
	switch outcome.Kind {
	case contract.OutcomeRetry, contract.OutcomeDecline:
		return false, t.scheduleReturn(o, id, l.holding.has(at), outcome)
	case contract.OutcomeDead, contract.OutcomeAck:
		err = t.storeEmitted(o, id, outcome)
		if err == nil && d.Unique != 0 {
			err = t.settleUnique(o, d.ID)
		}
	}
	if err == nil && l.back.has(at) {
		err = t.dropBack(o, id, l.holding.has(at), d.Key)
	}
	return true, err
}

// anyState reports whether an outcome has a state.
func anyState(outcomes []contract.Outcome) bool {
	for i := range outcomes {
		if outcomes[i].State != nil {
			return true
		}
	}
	return false
}

// encodeEmitted returns what a handled delivery emitted in bytes, and an error when the file does not take that, or its state.
func encodeEmitted(o *contract.Outcome) ([]contract.Message, error) {
	if o.State != nil && len(o.State.Value) > maxPayload {
		return nil, fmt.Errorf("the state of key %.40q has %d bytes, and the file takes %d: keep large data elsewhere", o.Delivery.Key, len(o.State.Value), maxPayload)
	}
	return sqlstore.EncodeAll(o.Emit, checkSize)
}

// storeEmitted stores what a delivery emitted that was handled or given up, and its dead letter. The spine has encoded it; what
// another caller left to us and cannot be encoded makes a dead letter.
func (t *transaction) storeEmitted(o *organ, id int64, outcome *contract.Outcome) error {
	msgs, err := encodeEmitted(outcome)
	if err != nil {
		return t.buryDelivery(o, id, outcome.Delivery, &contract.Death{Reason: contract.ReasonEmission, Error: err.Error()})
	}
	for i := range msgs {
		if _, err := t.storeMessage(&msgs[i]); err != nil {
			return err
		}
	}
	if outcome.Death == nil {
		return nil
	}
	return t.buryDelivery(o, id, outcome.Delivery, outcome.Death)
}

// Bits of the column halt of a dead letter.
const (
	letterHalts  = 1 // it has paused the organ
	letterGaveUp = 2 // the give-up handler ran
)

func letterFlags(death *contract.Death) (flags int64) {
	if death.Halt {
		flags |= letterHalts
	}
	if death.GaveUp {
		flags |= letterGaveUp
	}
	return flags
}

// buryDelivery keeps a delivery as a dead letter, with the bytes that are stored. A letter that halts pauses the organ in the same
// step.
func (t *transaction) buryDelivery(o *organ, id int64, d *contract.Delivery, death *contract.Death) error {
	bytes, err := t.queryNumber(`SELECT length(payload) FROM queue WHERE id = ?`, id)
	if err != nil {
		return err
	}
	delivery := contract.DeliveryID(d.ID, o.identity)
	size := bytes + int64(len(death.Error)+len(death.Stack))
	added, err := t.exec(`INSERT INTO dead (organ, delivery, event, key, envelope, payload, attempts, reason, error, stack, halt, size, at)
		SELECT ?, ?, event, key, envelope, payload, ?, ?, ?, ?, ?, ?, ? FROM queue WHERE id = ?`,
		o.number, delivery[:], int64(d.Attempts), string(death.Reason), death.Error, death.Stack, letterFlags(death), size, t.now, id)
	if err != nil || added == 0 {
		return err
	}
	t.touchOrgan(o)
	o.dead++
	o.deadBytes += size
	if death.Halt {
		o.paused = fmt.Sprintf("halted at %s %s", d.Type.Name, d.ID)
	}
	return nil
}

// deleteDone deletes the rows of deliveries that are done. Those side by side go in one statement.
func (t *transaction) deleteDone(o *organ, ids []int64) error {
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
