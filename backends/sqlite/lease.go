package sqlite

import (
	"encoding/binary"
	"errors"
	"log/slog"

	"github.com/necrostack/necrogen/runtime/contract"
)

// lease has the deliveries that one Fetch has handed out, as this process knows them. Only the writer's goroutine uses it.
// A delivery's Ref is its lease, and its Tag the index in it.
//
// The fence is the lease's row in the file: taking the lease back deletes it, and a settle, a renewal and a release change
// it first. So of two holders of a delivery only one can change anything.
type lease struct {
	number   int64
	consumer *consumer
	ids      []int64
	left     bits // handed out, and neither settled nor handed back
	started  bits // suspects that are marked as started
	giving   bits // marked as given up
	back     bits // those with a row in the table back
	holding  bits // those of which that row holds others back
	suspects bits
	gone     bool // the row was deleted
}

// bits is a set of small numbers.
type bits []byte

func newBits(n int) bits { return make(bits, (n+7)/8) }

func (s bits) has(i int) bool {
	return i>>3 < len(s) && s[i>>3]>>(i&7)&1 != 0
}
func (s bits) add(i int)    { s[i>>3] |= 1 << (i & 7) }
func (s bits) remove(i int) { s[i>>3] &^= 1 << (i & 7) }

func (s bits) count(n int) (members int64) {
	for i := range n {
		if s.has(i) {
			members++
		}
	}
	return members
}

// marksOf returns the bytes of a lease's column started: one bit for each started delivery, and behind these one for each
// given-up delivery.
func marksOf(started, giving bits) []byte {
	return append(started[:len(started):len(started)], giving...)
}

// readMarks reads what marksOf has written for n deliveries.
func readMarks(b []byte, n int) (started, giving bits) {
	half := min(len(b), (n+7)/8)
	return b[:half], b[half:]
}

// appendIDs writes ascending ids as varints, each less the one before.
func appendIDs(b []byte, ids []int64) []byte {
	last := int64(0)
	for _, id := range ids {
		b = binary.AppendUvarint(b, uint64(id-last))
		last = id
	}
	return b
}

var errIDs = errors.New("ids that cannot be read")

// readIDs reads ids of an organ.
func readIDs(b []byte, o *organ) (ids []int64, err error) {
	last := int64(0)
	for len(b) > 0 {
		step, n := binary.Uvarint(b)
		if n <= 0 || step == 0 || step > uint64(o.lastID()-last) || last+int64(step) <= o.firstID() {
			return nil, errIDs
		}
		last += int64(step)
		ids = append(ids, last)
		b = b[n:]
	}
	return ids, nil
}

// findLease returns the lease and the index of a delivery that is leased to the consumer, as far as this process knows.
func (c *consumer) findLease(d *contract.Delivery) (l *lease, at int) {
	l, ok := d.Ref.(*lease)
	if !ok || l.consumer != c || l.gone || d.Tag >= uint64(len(l.ids)) || !l.left.has(int(d.Tag)) {
		return nil, 0
	}
	return l, int(d.Tag)
}

// part is some deliveries of a lease.
type part struct {
	*lease
	at bits
	n  int64
}

// partsOf sorts deliveries by their leases. Those that are not leased to the consumer, and the second of two that are the
// same, are left out: taken tells.
func (c *consumer) partsOf(ds []*contract.Delivery) (parts []part, taken []bool) {
	taken = make([]bool, len(ds))
	for i, d := range ds {
		l, at := c.findLease(d)
		if l == nil {
			continue
		}
		p := 0
		for p < len(parts) && parts[p].lease != l {
			p++
		}
		if p == len(parts) {
			parts = append(parts, part{l, newBits(len(l.ids)), 0})
		}
		if !parts[p].at.has(at) {
			parts[p].at.add(at)
			parts[p].n++
			taken[i] = true
		}
	}
	return parts, taken
}

// leaveOut takes a delivery out of the part: it stays in its lease.
func (p *part) leaveOut(at int) {
	p.at.remove(at)
	p.n--
}

// giveBack takes a part out of its lease, in the file and in memory. It reports false when another process has taken the
// lease back: then the part is not ours.
func (t *transaction) giveBack(p part) (ours bool, err error) {
	left := append(bits(nil), p.left...)
	for i := range left {
		left[i] &^= p.at[i]
	}
	var changed int64
	remain := left.count(len(p.ids))
	if remain == 0 {
		changed, err = t.exec(`DELETE FROM lease WHERE number = ?`, p.number)
	} else {
		changed, err = t.exec(`UPDATE lease SET left = ?, remaining = ? WHERE number = ?`, remain, []byte(left), p.number)
	}
	if err != nil {
		return false, err
	}
	if changed == 0 {
		t.forgetLease(p.lease)
		return false, nil
	}
	before := p.left
	p.lease.left = left
	t.undo = append(t.undo, func() { p.lease.left = before })
	if remain == 0 {
		t.forgetLease(p.lease)
	}
	t.touchOrgan(p.consumer.organ)
	p.consumer.organ.leased -= p.n
	return true, nil
}

// forgetLease notes that a lease is over.
func (t *transaction) forgetLease(l *lease) {
	if l.gone {
		return
	}
	l.gone = true
	delete(l.consumer.leases, l)
	t.undo = append(t.undo, func() {
		l.gone = false
		l.consumer.leases[l] = true
	})
}

// extendLeases renews leases, and returns the deliveries that are lost.
func (c *consumer) extendLeases(t *transaction, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	if err := c.organ.loadCounters(t); err != nil {
		return nil, err
	}
	if err := c.noteContact(t); err != nil {
		return nil, err
	}
	parts, _ := c.partsOf(ds)
	ours := map[*lease]bool{}
	for _, p := range parts {
		started, giving := append(bits(nil), p.started...), append(bits(nil), p.giving...)
		for i := range started {
			started[i] |= p.at[i] & p.suspects[i]
		}
		for _, d := range ds {
			if l, at := c.findLease(d); l == p.lease && d.GivingUp {
				giving.add(at)
			}
		}
		changed, err := t.exec(`UPDATE lease SET since = ?, until = ?, started = ? WHERE number = ?`,
			t.now, t.now+int64(c.lease), marksOf(started, giving), p.number)
		if err != nil {
			return nil, err
		}
		if changed == 0 {
			t.forgetLease(p.lease)
			continue
		}
		before, beforeGiving := p.started, p.giving
		p.lease.started, p.lease.giving = started, giving
		t.undo = append(t.undo, func() { p.lease.started, p.lease.giving = before, beforeGiving })
		ours[p.lease] = true
	}
	for _, d := range ds {
		if l, _ := c.findLease(d); l == nil || !ours[l] {
			lost = append(lost, d)
		}
	}
	return lost, nil
}

// releaseDeliveries hands deliveries back.
func (c *consumer) releaseDeliveries(t *transaction, ds []*contract.Delivery) error {
	if err := c.organ.loadCounters(t); err != nil {
		return err
	}
	parts, _ := c.partsOf(ds)
	for _, p := range parts {
		ours, err := t.giveBack(p)
		if err != nil {
			return err
		}
		if !ours {
			continue
		}
		for at, id := range p.ids {
			if p.at.has(at) {
				if err := t.returnOne(c.organ, id, trusted, false); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// suspicion is what the column suspect of a delivery says.
type suspicion int64

const (
	trusted  suspicion = iota // it was handed back
	suspect                   // it comes from a lease that was taken back
	givingUp                  // the same, and was marked there as given up
)

// returnOne makes a delivery ready again in its place. A suspect crashed when it was marked as started.
func (t *transaction) returnOne(o *organ, id int64, s suspicion, crashed bool) error {
	t.touchOrgan(o)
	o.back++
	_, err := t.exec(`INSERT INTO back (id, organ, state, suspect, crashes) VALUES (?1, ?2, 0, ?3, ?4)
		ON CONFLICT (id) DO UPDATE SET state = 0, due = 0, suspect = max(suspect, ?3), crashes = min(crashes + ?4, 1000)`,
		id, o.number, int64(s), crashed)
	return err
}

// reclaimLeases takes back the leases that a query names, and makes their unsettled deliveries ready again, as suspects.
func (t *transaction) reclaimLeases(o *organ, text string, values ...any) error {
	type abandoned struct {
		number                  int64
		ids, remaining, started []byte
	}
	var all []abandoned
	err := t.query(func(r *row) error {
		all = append(all, abandoned{r.integer(), r.bytes(), r.bytes(), r.bytes()})
		return nil
	}, text, values...)
	if err != nil {
		return err
	}
	for _, l := range all {
		if _, err := t.exec(`DELETE FROM lease WHERE number = ?`, l.number); err != nil {
			return err
		}
		ids, err := readIDs(l.ids, o)
		if err != nil {
			t.b.log.Warn("sqlite: a lease cannot be read: all deliveries of the organ without a lease are made ready again",
				slog.String("file", t.b.path), slog.String("organ", o.name), slog.Int64("lease", l.number))
			if err := t.repairOrgan(o); err != nil {
				return err
			}
			continue
		}
		started, giving := readMarks(l.started, len(ids))
		for i, id := range ids {
			if bits(l.remaining).has(i) {
				o.leased--
				s := suspect
				if giving.has(i) {
					s = givingUp
				}
				if err := t.returnOne(o, id, s, started.has(i)); err != nil {
					return err
				}
			}
		}
	}
	if len(all) > 0 {
		t.touchOrgan(o)
	}
	return nil
}

// reclaimExpired takes back the leases that ran out, and notes when the next one does.
func (t *transaction) reclaimExpired(o *organ) error {
	err := t.reclaimLeases(o, `SELECT number, ids, remaining, started FROM lease WHERE organ = ? AND until <= ?`, o.number, t.now)
	if err != nil {
		return err
	}
	expiry, err := t.queryNumber(`SELECT min(until) FROM lease WHERE organ = ?`, o.number)
	if expiry != o.expiry {
		t.touchOrgan(o)
		o.expiry = expiry
	}
	return err
}
