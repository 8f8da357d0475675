package sqlite

import (
	"math"
	"slices"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

const (
	// takeSize bounds the bytes of what one Fetch returns, beyond its first delivery.
	takeSize = 8 << 20
	// promoteAtOnce is how many due deliveries become ready in one transaction of one organ.
	promoteAtOnce = 1024
)

// Values of the columns state and holds of the table back.
const (
	stateBack   = 0
	stateLeased = 1
	stateHeld   = 2

	holdsKey = 1
	holdsAll = 2
)

// taking is a Fetch at work.
type taking struct {
	*transaction
	c       *consumer
	o       *organ
	limit   int
	size    int
	ds      []contract.Delivery
	ids     []int64
	again   map[int64]int64  // what those of the table back hold back, by id
	holders map[string]int64 // the first delivery that holds back a key; 0 for none
	next    map[string]int64 // the delivery of a key that goes on next, after it was put aside; 0 for none
	spoil   []spoiled
}

// spoiled is a delivery that cannot be read.
type spoiled struct {
	id  int64
	key string
	err error
}

// takeReady leases at most limit deliveries to the consumer, in stored order. It may find none.
func (c *consumer) takeReady(t *transaction, limit int) ([]contract.Delivery, error) {
	o := c.organ
	if c.closed.Load() || c.left {
		return nil, contract.ErrClosed
	}
	if err := o.loadCounters(t); err != nil {
		return nil, err
	}
	t.lookAt(o)
	if err := c.noteBegun(t); err != nil {
		return nil, err
	}
	if o.expiry != 0 && o.expiry <= t.now {
		if err := t.reclaimExpired(o); err != nil {
			return nil, err
		}
	}
	if err := t.promoteDue(o); err != nil {
		return nil, err
	}
	if o.pauseReason() != "" {
		return nil, nil
	}
	if may, err := c.claimOrgan(t); err != nil || !may {
		return nil, err
	}
	if o.tail == o.head && o.back == o.held {
		return nil, nil
	}
	if err := t.flushRows(); err != nil {
		return nil, err
	}
	k := &taking{transaction: t, c: c, o: o, limit: limit, again: map[int64]int64{}, holders: map[string]int64{}, next: map[string]int64{}}
	if err := k.takeAll(); err != nil {
		return nil, err
	}
	return k.ds, k.keepLease()
}

// noteBegun notes that the consumer has fetched.
func (c *consumer) noteBegun(t *transaction) error {
	if c.began {
		return nil
	}
	c.began = true
	c.b.consuming.Add(1)
	t.undo = append(t.undo, func() {
		c.began = false
		c.b.consuming.Add(-1)
	})
	_, err := t.exec(`UPDATE consumer SET began = 1 WHERE number = ?`, c.number)
	return err
}

// noteContact notes that the owner of an exclusive organ is alive, when it has not said so for a while.
func (c *consumer) noteContact(t *transaction) error {
	o := c.organ
	if o.exclusive && o.owner == c.number && o.ownerUntil-t.now < int64(c.lease)*3/4 {
		t.touchOrgan(o)
		o.ownerUntil = t.now + int64(c.lease)
	}
	return nil
}

// claimOrgan reports whether the consumer may fetch: of an exclusive organ it becomes the owner unless another one is alive, and
// takes back what the former owner holds.
func (c *consumer) claimOrgan(t *transaction) (may bool, err error) {
	o := c.organ
	switch {
	case !o.exclusive:
		return true, nil
	case o.owner == c.number:
		return true, c.noteContact(t)
	case o.owner != 0 && o.ownerUntil > t.now:
		return false, nil
	}
	t.touchOrgan(o)
	o.owner, o.ownerUntil = c.number, t.now+int64(c.lease)
	return true, t.reclaimLeases(o, `SELECT number, ids, remaining, started FROM lease WHERE organ = ?1 AND consumer != ?2`, o.number, c.number)
}

// promoteDue makes due deliveries ready, and notes when the next one is due.
func (t *transaction) promoteDue(o *organ) error {
	if o.due == 0 || o.due > t.now {
		return nil
	}
	t.touchOrgan(o)
	_, err := t.exec(`UPDATE back SET due = 0 WHERE id IN
		(SELECT id FROM back INDEXED BY back_due WHERE organ = ? AND state = 0 AND due > 0 AND due <= ? ORDER BY due LIMIT ?)`,
		o.number, t.now, promoteAtOnce)
	if err != nil {
		return err
	}
	o.due, err = t.queryNumber(`SELECT min(due) FROM back INDEXED BY back_due WHERE organ = ? AND state = 0 AND due > 0`, o.number)
	return err
}

// takeAll takes first the deliveries that were handed out before, then new ones. Those that a failed one holds back stay.
func (k *taking) takeAll() error {
	last := int64(math.MaxInt64) // strict order holds back the deliveries behind it
	if k.o.holding > 0 {
		held, err := k.queryNumber(`SELECT min(id) FROM back INDEXED BY back_holding WHERE organ = ? AND holds = ? AND holds > 0`, k.o.number, holdsAll)
		if err != nil {
			return err
		}
		if held != 0 {
			last = held
		}
	}
	share, err := k.shareBack()
	for more := true; more && err == nil && k.hasRoom() && len(k.ids) < share; {
		more, err = k.takeBack(last, min(share, k.limit)-len(k.ids))
	}
	if err == nil && last == math.MaxInt64 && len(k.ids) < min(share, k.limit) {
		err = k.takeNew()
	}
	if err == nil {
		err = k.buryAll()
	}
	return err
}

func (k *taking) hasRoom() bool { return len(k.ds) < k.limit && k.size < takeSize }

// shareBack is how many of the deliveries that came back one Fetch may have. One that was handed back may have waited
// behind a handler that takes long, and may take as long itself: therefore they spread over all consumers.
func (k *taking) shareBack() (int, error) {
	ready := k.o.back - k.o.held
	if ready == 0 || k.limit == 1 || k.o.order != contract.OrderFirstAttempts || k.o.exclusive {
		return k.limit, nil
	}
	others, err := k.queryNumber(`SELECT count(*) FROM consumer JOIN process ON process.number = process WHERE organ = ? AND began AND until > ?`, k.o.number, k.now)
	if others <= 1 {
		return k.limit, err
	}
	return min(k.limit, int(min(ready/others, math.MaxInt32))+1), err
}

// candidate is a delivery that may be leased.
type candidate struct {
	contract.Delivery
	id, holds int64
	again     bool // it has a row in the table back
	event     string
	envelope  []byte
	err       error
}

// takeBack takes deliveries that were handed out before. more reports whether there may be others.
func (k *taking) takeBack(last int64, most int) (more bool, err error) {
	var found []*candidate
	err = k.query(func(r *row) error {
		c := &candidate{again: true, id: r.integer()}
		c.Attempts, c.Declines = int32(r.between(0, envelope.MaxCount)), int32(r.between(0, envelope.MaxCount))
		c.Declined, c.Crashes = r.between(0, math.MaxInt64), int32(r.between(0, envelope.MaxCount))
		s := suspicion(r.integer())
		c.Suspect, c.GivingUp, c.holds = s != trusted, s == givingUp, r.between(0, 2)
		if r.integer() == 0 { // its row in the queue is gone
			c.err = errIDs
		}
		c.readColumns(r)
		found = append(found, c)
		if k.size += len(c.Payload); k.size >= takeSize {
			return errStop
		}
		return nil
	}, `SELECT b.id, b.attempts, b.declines, b.declined, b.crashes, b.suspect, b.holds, q.id, q.event, q.key, q.envelope, q.payload
		FROM back b INDEXED BY back_due LEFT JOIN queue q ON q.id = b.id
		WHERE b.organ = ? AND b.state = 0 AND b.due = 0 AND b.id <= ? ORDER BY b.id LIMIT ?`, k.o.number, last, most)
	for _, c := range found {
		if err == nil {
			err = k.leaseOrPutAside(c)
		}
	}
	return len(found) > 0, err
}

// takeNew takes deliveries that were never handed out.
func (k *taking) takeNew() error {
	for k.hasRoom() && k.o.head < k.o.tail {
		var found []*candidate
		most := k.limit - len(k.ds)
		err := k.query(func(r *row) error {
			c := &candidate{id: r.integer()}
			c.readColumns(r)
			found = append(found, c)
			if k.size += len(c.Payload); k.size >= takeSize {
				return errStop
			}
			return nil
		}, `SELECT id, event, key, envelope, payload FROM queue WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
			k.o.firstID()+k.o.head, k.o.firstID()+k.o.tail, most)
		if err != nil {
			return err
		}
		k.touchOrgan(k.o)
		if len(found) == 0 { // rows were deleted by another program
			k.o.head = k.o.tail
			return nil
		}
		k.o.head = found[len(found)-1].id - k.o.firstID()
		for _, c := range found {
			if err := k.leaseOrPutAside(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// readColumns reads the columns event, key, envelope and payload.
func (c *candidate) readColumns(r *row) {
	c.event, c.Key, c.envelope, c.Payload = r.text(), r.text(), r.bytes(), r.bytes()
}

// leaseOrPutAside leases a candidate, or puts it aside behind a failed one with its key.
func (k *taking) leaseOrPutAside(c *candidate) error {
	held, err := k.isHeld(c)
	if err != nil {
		return err
	}
	if held {
		return k.putAside(c)
	}
	if c.err == nil {
		var version int
		version, c.err = envelope.ReadRow(wire.View(c.envelope), &c.Message)
		c.Type = k.b.types.TypeOf(c.event, version)
	}
	k.touchOrgan(k.o)
	if c.again {
		k.o.back--
		if _, err := k.exec(`UPDATE back SET state = 1 WHERE id = ?`, c.id); err != nil {
			return err
		}
		if c.holds == 0 { // else those behind it wait until it is settled for good
			next, err := k.advanceKey(k.o, c.Key)
			if err != nil {
				return err
			}
			k.next[c.Key] = next
		}
		k.again[c.id] = c.holds
	}
	if c.err != nil {
		k.spoil = append(k.spoil, spoiled{c.id, c.Key, c.err})
		return nil
	}
	k.ids = append(k.ids, c.id)
	k.ds = append(k.ds, c.Delivery)
	return nil
}

// buryAll makes dead letters of the deliveries that cannot be read.
func (k *taking) buryAll() error {
	for _, s := range k.spoil {
		d := contract.Delivery{Message: contract.Message{ID: contract.IDOf(s.err.Error())}}
		death := contract.Death{Reason: contract.ReasonUndecodable, Error: "the stored delivery cannot be read: " + s.err.Error()}
		if err := k.buryDelivery(k.o, s.id, &d, &death); err != nil {
			return err
		}
		if err := k.deleteDone(k.o, []int64{s.id}); err != nil {
			return err
		}
		if holds, again := k.again[s.id]; again {
			if err := k.dropBack(k.o, s.id, holds > 0, s.key); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepLease writes the lease of the taken deliveries.
func (k *taking) keepLease() error {
	if len(k.ids) == 0 {
		return nil
	}
	order := make([]int, len(k.ids))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(k.ids[a] - k.ids[b]) })
	n := len(order)
	l := &lease{number: k.b.nextLease(), consumer: k.c, left: newBits(n), started: newBits(n), giving: newBits(n), back: newBits(n), holding: newBits(n), suspects: newBits(n)}
	ds := make([]contract.Delivery, n)
	for to, from := range order {
		ds[to] = k.ds[from]
		ds[to].Ref, ds[to].Tag = l, uint64(to)
		id := k.ids[from]
		l.ids = append(l.ids, id)
		l.left.add(to)
		if holds, again := k.again[id]; again {
			l.back.add(to)
			if holds > 0 {
				l.holding.add(to)
			}
		}
		if ds[to].Suspect {
			l.suspects.add(to)
		}
	}
	k.ds = ds
	k.touchOrgan(k.o)
	k.o.leased += int64(n)
	until := k.now + int64(k.c.lease)
	k.o.expiry = earlierOf(k.o.expiry, until)
	k.c.leases[l] = true
	k.undo = append(k.undo, func() { delete(k.c.leases, l) })
	_, err := k.exec(`INSERT INTO lease (number, organ, consumer, since, until, left, ids, remaining, started) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		l.number, k.o.number, k.c.number, k.now, until, n, appendIDs(nil, l.ids), []byte(l.left), marksOf(l.started, l.giving))
	return err
}
