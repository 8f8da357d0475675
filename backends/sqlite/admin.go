package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// rememberGone is how many dead letters of an organ that are gone can still be named as the one behind which a page
// begins.
const rememberGone = 10_000

// DeadLetters lists dead letters, oldest first. It knows the places of the last 10,000 that were redriven or discarded.
func (b *Backend) DeadLetters(_ context.Context, organ string, after contract.ID, limit int) (page []contract.DeadLetter, err error) {
	err = b.readSnapshot(func(s *session) error {
		n, err := readOrganNumber(s, organ)
		if err != nil {
			return err
		}
		behind := int64(0)
		if !after.IsZero() {
			behind, err = s.queryNumber(`SELECT coalesce((SELECT max(number) FROM dead WHERE organ = ?1 AND delivery = ?2),
				(SELECT number FROM gone WHERE organ = ?1 AND delivery = ?2 ORDER BY removal DESC LIMIT 1))`, n, after[:])
			if err != nil {
				return err
			}
			if behind == 0 {
				return contract.Permanent(fmt.Errorf("list the dead letters of organ %s: none is known by the id %s: begin at the first", organ, after))
			}
		}
		page = nil
		return s.query(func(r *row) error { page = append(page, b.readLetter(r)); return nil },
			`SELECT organ.name, delivery, event, key, envelope, payload, attempts, reason, error, stack, halt, at
			FROM dead JOIN organ ON organ.number = dead.organ WHERE dead.organ = ? AND dead.number > ? ORDER BY dead.number LIMIT ?`, n, behind, max(limit, 0))
	})
	return page, err
}

// readLetter reads a row of dead letters. One whose envelope cannot be read has what can.
func (b *Backend) readLetter(r *row) (l contract.DeadLetter) {
	l.Organ = r.text()
	copy(l.ID[:], r.bytes())
	event, key := r.text(), r.text()
	version, err := envelope.ReadRow(wire.View(r.bytes()), &l.Message)
	if err != nil {
		version = 1
	}
	l.Message.Type, l.Message.Key, l.Message.Payload = b.types.TypeOf(event, version), key, r.bytes()
	l.Attempts = int(r.between(0, envelope.MaxCount))
	l.Reason, l.Error, l.Stack = contract.Reason(r.text()), r.text(), r.text()
	flags := r.integer()
	l.Halt, l.GaveUp = flags&letterHalts != 0, flags&letterGaveUp != 0
	l.Time = sqlstore.TimeOf(r.between(0, math.MaxInt64))
	return l
}

// administerOrgan runs a job for an organ.
func (b *Backend) administerOrgan(ctx context.Context, name string, run func(t *transaction, o *organ) error) error {
	return b.submitJob(ctx, true, func(t *transaction) error {
		o := b.known.names[name]
		if o == nil {
			return fmt.Errorf("organ %s: %w", name, contract.ErrNoOrgan)
		}
		if err := o.loadCounters(t); err != nil {
			return err
		}
		return run(t, o)
	})
}

// Redrive stores dead letters again, behind all others, and returns how many there were. They may exceed the limit,
// because an operator cannot wait for room.
func (b *Backend) Redrive(ctx context.Context, name string, ids ...contract.ID) (n int, err error) {
	return b.removeDead(ctx, name, ids, true, nil)
}

// Discard forgets dead letters, and returns how many there were.
func (b *Backend) Discard(ctx context.Context, name string, ids ...contract.ID) (n int, err error) {
	return b.removeDead(ctx, name, ids, false, nil)
}

// RedriveEdited takes a dead letter out, and stores another message for its organ in its place.
func (b *Backend) RedriveEdited(ctx context.Context, name string, id contract.ID, m *contract.Message) (bool, error) {
	err := contract.CheckEdited(id, m)
	if err == nil {
		err = checkSize(m, len(m.Payload))
	}
	if err != nil {
		return false, err
	}
	n, err := b.removeDead(ctx, name, []contract.ID{id}, false, m)
	return n > 0, err
}

// removeDead takes dead letters out. It stores them again, or another message in the place of one, or nothing.
func (b *Backend) removeDead(ctx context.Context, name string, ids []contract.ID, again bool, edited *contract.Message) (n int, err error) {
	err = b.administerOrgan(ctx, name, func(t *transaction, o *organ) error {
		n = 0
		if err := t.flushRows(); err != nil {
			return err
		}
		for _, id := range ids {
			removed, err := t.removeLetter(o, id, again)
			if err != nil {
				return err
			}
			n += removed
		}
		if edited != nil && n > 0 {
			row := stored{event: edited.Type.Name, key: edited.Key, envelope: envelope.AppendRow(nil, edited), payload: edited.Payload}
			if err := t.addDelivery(o, row); err != nil {
				return err
			}
		}
		_, err := t.exec(`DELETE FROM gone WHERE organ = ?1 AND removal <= (SELECT removal FROM gone WHERE organ = ?1 ORDER BY removal DESC LIMIT 1 OFFSET ?2)`,
			o.number, rememberGone)
		return err
	})
	return n, err
}

// removeLetter takes the dead letters with an id out.
func (t *transaction) removeLetter(o *organ, id contract.ID, again bool) (n int, err error) {
	var bytes int64
	err = t.query(func(r *row) error { n++; bytes += r.count(); return nil }, `SELECT size FROM dead WHERE organ = ? AND delivery = ?`, o.number, id[:])
	if err != nil || n == 0 {
		return 0, err
	}
	t.touchOrgan(o)
	if again {
		_, err := t.exec(`INSERT INTO queue (id, event, key, envelope, payload)
			SELECT ? + row_number() OVER (ORDER BY number), event, key, envelope, payload FROM dead WHERE organ = ? AND delivery = ? ORDER BY number`,
			o.firstID()+o.tail, o.number, id[:])
		if err != nil {
			return 0, err
		}
		o.tail += int64(n)
	}
	if _, err = t.exec(`INSERT INTO gone (organ, delivery, number) SELECT organ, delivery, max(number) FROM dead WHERE organ = ? AND delivery = ?`, o.number, id[:]); err != nil {
		return 0, err
	}
	if _, err = t.exec(`DELETE FROM dead WHERE organ = ? AND delivery = ?`, o.number, id[:]); err != nil {
		return 0, err
	}
	o.dead -= int64(n)
	o.deadBytes -= bytes
	return n, nil
}

// Pause stops deliveries to an organ in all processes, until Resume.
func (b *Backend) Pause(ctx context.Context, name, reason string) error {
	return b.administerOrgan(ctx, name, func(t *transaction, o *organ) error {
		t.touchOrgan(o)
		o.paused = cmp.Or(reason, "paused")
		return nil
	})
}

// Resume lets a paused organ go on.
func (b *Backend) Resume(ctx context.Context, name string) error {
	return b.administerOrgan(ctx, name, func(t *transaction, o *organ) error {
		t.touchOrgan(o)
		o.paused = ""
		return nil
	})
}

// RemoveOrgan forgets an organ that has no consumers, with everything stored for it.
func (b *Backend) RemoveOrgan(ctx context.Context, name string) error {
	return b.administerOrgan(ctx, name, func(t *transaction, o *organ) error {
		alive, err := t.queryNumber(`SELECT count(*) FROM consumer JOIN process ON process.number = process WHERE organ = ? AND until > ?`, o.number, t.now)
		if err != nil {
			return err
		}
		if alive > 0 {
			return fmt.Errorf("remove organ %s: it has %d consumers: stop them first", name, alive)
		}
		if err := t.flushRows(); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM queue WHERE id BETWEEN ? AND ?`, o.firstID(), o.lastID()); err != nil {
			return err
		}
		if err := t.releaseOrgan(o); err != nil {
			return err
		}
		for _, table := range []string{"back", "lease", "dead", "gone", "bound", "name", "consumer", "state", "unsettled"} {
			if _, err := t.exec(`DELETE FROM `+table+` WHERE organ = ?`, o.number); err != nil {
				return err
			}
		}
		if _, err := t.exec(`DELETE FROM organ WHERE number = ?`, o.number); err != nil {
			return err
		}
		t.touchOrgan(o)
		return t.announceBindings()
	})
}
