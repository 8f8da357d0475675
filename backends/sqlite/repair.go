package sqlite

import (
	"math"
)

// repairAll looks through all organs when a backend is opened: deliveries that no lease has are handed out again. It also
// counts the delayed events.
func (b *Backend) repairAll(t *transaction) error {
	if err := b.known.refreshBindings(t); err != nil {
		return err
	}
	for _, o := range b.known.organs {
		if err := t.repairOrgan(o); err != nil {
			return err
		}
	}
	_, err := t.exec(`INSERT INTO meta SELECT 'later', count(*) FROM later WHERE true ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
	return err
}

// repairOrgan makes an organ's rows agree with one another, whatever another program has deleted or written. A delivery that was
// handed out and is neither leased nor in the table back becomes ready again. The cost is that of the deliveries that
// were handed out and are not done.
func (t *transaction) repairOrgan(o *organ) error {
	if err := t.flushRows(); err != nil {
		return err
	}
	t.touchOrgan(o)
	last, err := t.queryNumber(`SELECT max(id) FROM queue WHERE id > ? AND id <= ?`, o.firstID(), o.lastID())
	if err != nil {
		return err
	}
	o.tail = max(o.tail, o.head, last-o.firstID())
	head := o.firstID() + o.head
	if _, err := t.exec(`DELETE FROM back WHERE organ = ? AND (id <= ? OR id > ? OR id NOT IN (SELECT id FROM queue))`, o.number, o.firstID(), head); err != nil {
		return err
	}
	leased, err := t.readLeased(o)
	if err != nil {
		return err
	}
	if err := t.returnLost(o, leased, head); err != nil {
		return err
	}
	_, err = t.exec(`UPDATE back SET state = 0, due = 0 WHERE organ = ?1 AND state = 2 AND NOT EXISTS
		(SELECT 1 FROM back h INDEXED BY back_holding WHERE h.organ = ?1 AND h.key = back.key AND h.holds > 0 AND h.id < back.id)`, o.number)
	if err != nil {
		return err
	}
	return t.recountOrgan(o, int64(len(leased)))
}

// readLeased returns the deliveries of an organ that are leased. A lease that cannot be read is deleted.
func (t *transaction) readLeased(o *organ) (map[int64]bool, error) {
	leased := map[int64]bool{}
	var spoiled []int64
	err := t.query(func(r *row) error {
		n := r.integer()
		ids, err := readIDs(r.bytes(), o)
		remaining := bits(r.bytes())
		if err != nil {
			spoiled = append(spoiled, n)
			return nil
		}
		for i, id := range ids {
			if remaining.has(i) {
				leased[id] = true
			}
		}
		return nil
	}, `SELECT number, ids, remaining FROM lease WHERE organ = ?`, o.number)
	for _, n := range spoiled {
		if err == nil {
			_, err = t.exec(`DELETE FROM lease WHERE number = ?`, n)
		}
	}
	return leased, err
}

// returnLost makes deliveries ready again that were handed out and that no lease has.
func (t *transaction) returnLost(o *organ, leased map[int64]bool, head int64) error {
	lost := map[int64]bool{} // and whether it has a row in the table back
	err := t.query(func(r *row) error {
		id, hasRow, state := r.integer(), r.integer() != 0, r.integer()
		if !leased[id] && (!hasRow || state == stateLeased) {
			lost[id] = hasRow
		}
		return nil
	}, `SELECT q.id, b.id, b.state FROM queue q LEFT JOIN back b ON b.id = q.id WHERE q.id > ? AND q.id <= ?`, o.firstID(), head)
	for id := range lost {
		if err == nil {
			err = t.returnOne(o, id, suspect, false)
		}
	}
	for id := range leased {
		if err == nil {
			_, err = t.exec(`UPDATE back SET state = 1 WHERE id = ? AND state != 1`, id)
		}
	}
	return err
}

// recountOrgan counts what an organ's row says.
func (t *transaction) recountOrgan(o *organ, leased int64) error {
	err := t.query(func(r *row) error {
		o.back, o.held, o.holding = r.count(), r.count(), r.count()
		return nil
	}, `SELECT sum(state != 1), sum(state = 2), sum(holds > 0) FROM back WHERE organ = ?`, o.number)
	if err != nil {
		return err
	}
	err = t.query(func(r *row) error {
		o.dead, o.deadBytes = r.count(), r.between(0, math.MaxInt64)
		return nil
	}, `SELECT count(*), sum(size) FROM dead WHERE organ = ?`, o.number)
	if err != nil {
		return err
	}
	o.leased = leased
	if o.due, err = t.queryNumber(`SELECT min(due) FROM back INDEXED BY back_due WHERE organ = ? AND state = 0 AND due > 0`, o.number); err != nil {
		return err
	}
	o.expiry, err = t.queryNumber(`SELECT min(until) FROM lease WHERE organ = ?`, o.number)
	return err
}
