package sqlite

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/runtime/contract"
)

// An event with a delay is a row of the table later until it is due. Any process that has the file open routes it then:
//
//	Publish, Settle                   the watcher, when it is due
//	---------------> a row of later --------------------------------> a delivery for each organ that is bound then, or parked
//	                       |  Cancel
//	                       '--------> gone
//
// Each arrow is one transaction, so that an event is in one place at any time. Routing copies the stored bytes without
// reading them: an envelope that cannot be read becomes a dead letter where it is fetched, like any other, and blocks
// nothing here.

// schedule is what the table later says in short.
type schedule struct {
	waiting int64 // its rows, as triggers of the schema count them
	first   int64 // when the first of them is due; never when there is none
}

// readSchedule reads the schedule by the query of a session or of a transaction.
func readSchedule(query func(each func(r *row) error, text string, values ...any) error) (s schedule, err error) {
	err = query(func(r *row) error {
		s.waiting, s.first = r.count(), r.integer()
		return nil
	}, `SELECT (SELECT value FROM meta WHERE name = 'later'), coalesce((SELECT min(due) FROM later), ?)`, int64(never))
	return s, err
}

// overdueBy returns for how long the first event has been due.
func (s schedule) overdueBy(now int64) time.Duration {
	if s.first >= now {
		return 0
	}
	return time.Duration(now - max(s.first, 0))
}

// loadDelayed reads how many events wait when another process may have changed it.
func (k *known) loadDelayed(t *transaction) error {
	if k.delayedAt == k.generation {
		return nil
	}
	s, err := readSchedule(t.query)
	k.delayed, k.delayedAt = s.waiting, k.generation
	return err
}

// countDelayed notes that the table later has n rows more. Those who wait for room are told when the transaction is over.
func (t *transaction) countDelayed(n int64) {
	t.b.known.delayed += n
	t.rescheduled = t.rescheduled || n != 0
}

// keepForLater stores a message until it is due, unless one with its id waits already, and reports whether it did.
func (t *transaction) keepForLater(m *contract.Message) (stored bool, err error) {
	if err := t.b.known.loadDelayed(t); err != nil {
		return false, err
	}
	added, err := t.exec(`INSERT INTO later (id, due, event, key, output, envelope, payload) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		m.ID[:], m.Due, m.Type.Name, m.Key, m.Type.Output, envelope.AppendRow(nil, m), m.Payload)
	t.countDelayed(added)
	t.size += len(m.Payload) + len(m.Key)
	return added > 0, err
}

// delayed is a row of the table later.
type delayed struct {
	number int64
	output bool // it is not parked
	stored
}

// routeDue routes events that are due, as if they were published now, and returns when the next one is due. When very many
// are due, others get in between.
func (b *Backend) routeDue(t *transaction) (next int64, err error) {
	if err := b.known.loadDelayed(t); err != nil {
		return 0, err
	}
	due, err := t.readDue()
	if err != nil {
		return 0, err
	}
	for i := range due {
		if err := t.routeDelayed(&due[i]); err != nil {
			return 0, err
		}
	}
	s, err := readSchedule(t.query)
	return s.first, err
}

// readDue returns the events that are due: of one due time in stored order, and no more than one transaction routes.
func (t *transaction) readDue() (due []delayed, err error) {
	size := 0
	err = t.query(func(r *row) error {
		d := delayed{number: r.integer(), output: r.integer() != 0}
		d.unique = r.bytes()
		d.event, d.key, d.envelope, d.payload = r.text(), r.text(), r.bytes(), r.bytes()
		if d.envelope == nil {
			d.envelope = []byte{} // the table queue takes no NULL
		}
		due = append(due, d)
		if size += len(d.payload) + len(d.envelope); size >= takeSize {
			return errStop
		}
		return nil
	}, `SELECT number, output, (SELECT uniq.id FROM uniq WHERE uniq.id = later.id), event, key, envelope, payload FROM later WHERE due <= ? ORDER BY due, number LIMIT ?`, t.now, promoteAtOnce)
	return due, err
}

// routeDelayed takes an event out of the table later, and stores it for the organs that are bound to it now.
func (t *transaction) routeDelayed(d *delayed) error {
	deleted, err := t.exec(`DELETE FROM later WHERE number = ?`, d.number)
	if err != nil {
		return err
	}
	t.countDelayed(-deleted)
	if d.output && len(t.b.known.bound[d.event]) == 0 {
		return t.releaseUnique(d.unique)
	}
	return t.routeEvent(d.stored)
}

// Cancel takes a delayed event out of the schedule, and reports whether it was there. It forgets the id.
func (b *Backend) Cancel(ctx context.Context, id contract.ID) (found bool, err error) {
	err = b.submitJob(ctx, true, func(t *transaction) error {
		found, err = b.cancelDelayed(t, id)
		return err
	})
	return found && err == nil, err
}

// cancelDelayed deletes the row of an event in the table later, and its id in the table once.
func (b *Backend) cancelDelayed(t *transaction, id contract.ID) (found bool, err error) {
	if err := b.known.loadDelayed(t); err != nil {
		return false, err
	}
	deleted, err := t.exec(`DELETE FROM later WHERE id = ?`, id[:])
	if err != nil || deleted == 0 {
		return false, err
	}
	t.countDelayed(-deleted)
	if err := t.releaseUnique(id[:]); err != nil {
		return true, err
	}
	_, err = t.exec(`DELETE FROM once WHERE id = ?`, id[:])
	return true, err
}
