package sqlite

import (
	"math"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// The order of an organ. A delivery that fails holds back those behind it, which its row in the table back says, until it
// is settled for good. With order=strict nothing behind the first such row is handed out. With order=key a delivery that a
// Fetch finds behind one of its key gets a row with state 2, and waits. The settle for good of the one that holds lets the
// first that waits go on, and the Fetch of that one the next: so a delivery moves once, however long the row of those that
// wait is.

// isHeld reports whether a delivery in front of the candidate holds back its key: one that failed, or one that was put aside and
// goes on next. The Fetch has found candidates behind that one before it let it go on.
func (k *taking) isHeld(c *candidate) (bool, error) {
	if next := k.next[c.Key]; next != 0 && next < c.id {
		return true, nil
	}
	if k.o.holding == 0 || c.Key == "" {
		return false, nil
	}
	first, known := k.holders[c.Key]
	if !known {
		var err error
		first, err = k.queryNumber(`SELECT min(id) FROM back INDEXED BY back_holding WHERE organ = ? AND key = ? AND holds > 0 AND holds = ?`,
			k.o.number, c.Key, holdsKey)
		if err != nil {
			return false, err
		}
		k.holders[c.Key] = first
	}
	return first != 0 && first < c.id, nil
}

// putAside puts a candidate aside.
func (k *taking) putAside(c *candidate) (err error) {
	k.touchOrgan(k.o)
	k.o.held++
	if c.again {
		_, err = k.exec(`UPDATE back SET state = 2, key = ? WHERE id = ?`, c.Key, c.id)
		return err
	}
	k.o.back++
	_, err = k.exec(`INSERT INTO back (id, organ, state, key) VALUES (?, ?, 2, ?)`, c.id, k.o.number, c.Key)
	return err
}

// advanceKey lets the first delivery go on that was put aside for a key, and returns its id, or 0. It may be put aside again.
func (t *transaction) advanceKey(o *organ, key string) (next int64, err error) {
	if o.held == 0 || key == "" {
		return 0, nil
	}
	next, err = t.queryNumber(`SELECT min(id) FROM back INDEXED BY back_held WHERE organ = ? AND key = ? AND state = 2`, o.number, key)
	if err != nil || next == 0 {
		return 0, err
	}
	t.touchOrgan(o)
	o.held--
	_, err = t.exec(`UPDATE back SET state = 0, due = 0 WHERE id = ?`, next)
	return next, err
}

// dropBack forgets the row of a delivery that is settled for good, and lets go the delivery that waited for its key.
func (t *transaction) dropBack(o *organ, id int64, holding bool, key string) error {
	if _, err := t.exec(`DELETE FROM back WHERE id = ?`, id); err != nil || !holding {
		return err
	}
	t.touchOrgan(o)
	o.holding--
	_, err := t.advanceKey(o, key)
	return err
}

// scheduleReturn has a delivery that failed or was declined come back after a delay. holding says that it holds others back since
// it failed before.
func (t *transaction) scheduleReturn(o *organ, id int64, holding bool, outcome *contract.Outcome) error {
	d := outcome.Delivery
	attempts, declines, declined := d.Attempts, d.Declines, d.Declined
	if outcome.Kind == contract.OutcomeRetry {
		attempts++
	} else {
		declines++
		if declined == 0 {
			declined = t.now
		}
	}
	due := t.dueAfter(outcome.Delay)
	holds, key := 0, ""
	if !holding {
		holds, key = o.holdsFor(d.Key)
	}
	t.touchOrgan(o)
	o.back++
	o.due = earlierOf(o.due, due)
	if holds != 0 {
		o.holding++
	}
	_, err := t.exec(`INSERT INTO back (id, organ, state, due, attempts, declines, declined, holds, key) VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8)
		ON CONFLICT (id) DO UPDATE SET state = 0, due = ?3, attempts = ?4, declines = ?5, declined = ?6, suspect = 0, crashes = 0,
			holds = CASE WHEN holds > 0 THEN holds ELSE ?7 END, key = CASE WHEN holds > 0 THEN key ELSE ?8 END`,
		id, o.number, due, int64(attempts), int64(declines), declined, holds, key)
	return err
}

// holdsFor says what a failed delivery holds back by the order of its organ.
func (o *organ) holdsFor(key string) (holds int, of string) {
	switch {
	case o.order == contract.OrderStrict:
		return holdsAll, ""
	case o.order == contract.OrderKey && key != "":
		return holdsKey, key
	}
	return 0, ""
}

// dueAfter returns when a delay is over; 0 is at once.
func (t *transaction) dueAfter(delay time.Duration) int64 {
	switch {
	case delay <= 0:
		return 0
	case int64(delay) > math.MaxInt64-t.now:
		return math.MaxInt64
	}
	return t.now + int64(delay)
}
