package sqlite

import (
	"fmt"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/runtime/contract"
)

// transaction is what the jobs of one commit share. Only the writer's goroutine uses it.
type transaction struct {
	b     *Backend
	s     *session
	now   int64
	rows  []stored         // deliveries that are not written yet
	size  int              // bytes of the stored messages
	parks map[string]*park // those that got events, by name; their rows are not written yet
	// undo puts back what jobs have changed in memory. It runs backwards when the transaction is rolled back.
	undo    []func()
	touched map[*organ]bool // organs that were looked at: true for those whose counters have changed
	// rescheduled says that the table later has more or fewer rows than before.
	rescheduled bool
	err         error // the first error of SQLite: nothing of the transaction counts
}

// stored is a row of the table queue. Its bytes belong to the caller, which waits for the commit.
type stored struct {
	id         int64
	event, key string
	envelope   []byte
	payload    []byte
	unique     []byte // the event's id, when it is unique
}

func newTransaction(b *Backend, s *session) *transaction {
	t := &transaction{b: b, s: s, now: time.Now().UnixNano(), touched: map[*organ]bool{}, parks: map[string]*park{}}
	t.noteError(t.shiftLeases())
	return t
}

// runJob runs a job, and returns its answer.
func (t *transaction) runJob(j *job) error {
	if t.err != nil {
		return t.err
	}
	if err := t.b.known.refreshBindings(t); err != nil {
		t.noteError(err)
		return err
	}
	return j.run(t)
}

// noteError remembers the first error of SQLite.
func (t *transaction) noteError(err error) error {
	if err != nil && t.err == nil {
		t.err = err
	}
	return err
}

// exec runs a statement, and returns how many rows it has changed.
func (t *transaction) exec(text string, values ...any) (int64, error) {
	if t.err != nil {
		return 0, t.err
	}
	changed, err := t.s.exec(text, values...)
	return changed, t.noteError(err)
}

func (t *transaction) query(each func(r *row) error, text string, values ...any) error {
	if t.err != nil {
		return t.err
	}
	return t.noteError(t.s.query(each, text, values...))
}

func (t *transaction) queryNumber(text string, values ...any) (int64, error) {
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.s.queryNumber(text, values...)
	return n, t.noteError(err)
}

// rowsAtOnce is how many deliveries one statement stores.
const rowsAtOnce = 16

var insertOne, insertMany = insertRows(1), insertRows(rowsAtOnce)

func insertRows(n int) string {
	return `INSERT INTO queue (id, event, key, envelope, payload) VALUES ` + strings.TrimSuffix(strings.Repeat(`(?,?,?,?,?),`, n), ",")
}

// addRow stores a delivery, at the latest when the transaction reads the queue or ends.
func (t *transaction) addRow(r stored) {
	t.rows = append(t.rows, r)
	t.size += len(r.envelope) + len(r.payload) + len(r.key)
}

// flushRows writes the rows that wait.
func (t *transaction) flushRows() error {
	rows := t.rows
	for len(rows) > 0 && t.err == nil {
		n, text := 1, insertOne
		if len(rows) >= rowsAtOnce {
			n, text = rowsAtOnce, insertMany
		}
		values := make([]any, 0, 5*n)
		for _, r := range rows[:n] {
			values = append(values, r.id, r.event, r.key, r.envelope, r.payload)
		}
		if _, err := t.exec(text, values...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	clear(t.rows)
	t.rows = t.rows[:0]
	return t.err
}

// commit writes the rows and counters that the jobs have left in memory, and ends the transaction.
func (t *transaction) commit() error {
	t.flushRows()
	t.flushParks()
	t.saveTouched()
	if t.err != nil {
		return t.err
	}
	_, err := t.exec(`COMMIT`)
	return err
}

// undoAll runs the undo functions backwards, and lets everything be read from the file again, because another process may
// have changed it before the next transaction.
func (t *transaction) undoAll() {
	for i := len(t.undo) - 1; i >= 0; i-- {
		t.undo[i]()
	}
	t.b.known.generation++
	t.b.known.bindings = 0
}

// wakeWaiters wakes the calls that the commit lets go on: Fetch where an organ has work, Publish where there may be room.
func (t *transaction) wakeWaiters() {
	for o, changed := range t.touched {
		o.publishState(changed)
	}
	if len(t.touched) == 0 && !t.rescheduled {
		return
	}
	t.b.held.Store(t.b.known.sumStored())
	t.b.room.WakeAll()
}

// shiftLeases adds the time in which the lock of the file was held to all leases: their holders could not renew them
// either. What another process has added for the same time is not added twice.
func (t *transaction) shiftLeases() error {
	waited := t.b.known.waited
	if waited == 0 {
		return nil
	}
	t.b.known.waited = 0
	shifted, err := t.queryNumber(`SELECT value FROM meta WHERE name = 'shifted'`)
	if err != nil {
		return err
	}
	since := max(t.now-int64(waited), shifted)
	add := t.now - since
	if add <= 0 {
		return nil
	}
	for _, text := range []string{
		`UPDATE lease SET until = until + ?1 WHERE until > ?2`,
		`UPDATE process SET until = until + ?1 WHERE until > ?2`,
		`UPDATE organ SET owner_until = owner_until + ?1 WHERE owner_until > ?2`,
	} {
		if _, err := t.exec(text, add, since); err != nil {
			return err
		}
	}
	t.b.known.generation++
	_, err = t.exec(`UPDATE meta SET value = ? WHERE name = 'shifted'`, t.now)
	return err
}

// storeMessage routes a message, now or when it is due, and reports false for a delayed one that waits already. Its payload must
// be there.
func (t *transaction) storeMessage(m *contract.Message) (kept bool, err error) {
	if m.Due != 0 {
		return t.keepForLater(m)
	}
	r := stored{event: m.Type.Name, key: m.Key, payload: m.Payload}
	if m.Unique != 0 {
		r.unique = m.ID[:]
	}
	if m.Type.Output && len(t.b.known.bound[m.Type.Name]) == 0 {
		return true, t.releaseUnique(r.unique)
	}
	r.envelope = envelope.AppendRow(make([]byte, 0, 64), m)
	return true, t.routeEvent(r)
}

// routeEvent stores an event for every organ that is bound to it, or parks it. Each gets an id of its own.
func (t *transaction) routeEvent(r stored) error {
	organs := t.b.known.bound[r.event]
	if len(organs) == 0 {
		return t.parkEvent(&r)
	}
	for _, o := range organs {
		if err := o.loadCounters(t); err != nil {
			return err
		}
		if err := t.addDelivery(o, r); err != nil {
			return err
		}
		if r.unique == nil {
			continue
		}
		if err := t.noteUnsettled(r.unique, o); err != nil {
			return err
		}
	}
	return nil
}

// addDelivery stores an event for one organ, behind all others.
func (t *transaction) addDelivery(o *organ, r stored) error {
	if o.tail >= lastPlace {
		return t.noteError(fmt.Errorf("organ %s: its places are used up: remove it and bind it again", o.name))
	}
	t.touchOrgan(o)
	o.tail++
	r.id = o.firstID() + o.tail
	t.addRow(r)
	return nil
}

// touchOrgan has an organ's counters be saved by the commit.
func (t *transaction) touchOrgan(o *organ) { t.touched[o] = true }

// lookAt has an organ's next look be noted when the transaction is over.
func (t *transaction) lookAt(o *organ) {
	if !t.touched[o] {
		t.touched[o] = false
	}
}

// saveTouched writes the counters that have changed.
func (t *transaction) saveTouched() {
	for o, changed := range t.touched {
		if changed {
			o.saveCounters(t)
		}
	}
}
