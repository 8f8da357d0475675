package sqlite

import (
	"strings"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A unique event is a row of the table uniq until it is done, or until another one takes its place when its time is over. The
// table unsettled says which organs have it. The last of them to settle it deletes the row, by the event's id, so that
// an event which was stored later in the same place stays.

// KeepsUnique is true: of a unique event's name and key one at a time is stored.
func (b *Backend) KeepsUnique() bool { return true }

// findUnique returns the id of the event that is stored in the place of a message, or is the message itself; the zero id for
// none.
func (t *transaction) findUnique(m *contract.Message) (there contract.ID, err error) {
	err = t.query(func(r *row) error { copy(there[:], r.bytes()); return nil },
		`SELECT id FROM uniq WHERE (event = ?1 AND key = ?2 OR id = ?3) AND until > ?4 ORDER BY id = ?3 LIMIT 1`, m.Type.Name, m.Key, m.ID[:], t.now)
	return there, err
}

// addUnique adds a message, which findUnique did not find.
func (t *transaction) addUnique(m *contract.Message) error {
	_, err := t.exec(`REPLACE INTO uniq (id, event, key, until) VALUES (?, ?, ?, ?)`, m.ID[:], m.Type.Name, m.Key, max(m.Due, t.now)+int64(m.Unique))
	return err
}

// noteUnsettled notes that an organ gets a unique event.
func (t *transaction) noteUnsettled(id []byte, o *organ) error {
	_, err := t.exec(`INSERT OR IGNORE INTO unsettled (id, organ) VALUES (?, ?)`, id, o.number)
	return err
}

// settleUnique notes that an organ is done with a unique event.
func (t *transaction) settleUnique(o *organ, id contract.ID) error {
	settled, err := t.exec(`DELETE FROM unsettled WHERE id = ? AND organ = ?`, id[:], o.number)
	if err != nil || settled == 0 {
		return err
	}
	_, err = t.exec(`DELETE FROM uniq WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM unsettled WHERE id = ?1)`, id[:])
	return err
}

// releaseUnique lets another event be stored in the place of the one with an id, if that is there; nil is none.
func (t *transaction) releaseUnique(id []byte) error {
	if id == nil {
		return nil
	}
	_, err := t.exec(`DELETE FROM uniq WHERE id = ?`, id)
	return err
}

// releaseOrgan notes that an organ is gone. The caller deletes its rows of unsettled.
func (t *transaction) releaseOrgan(o *organ) error {
	_, err := t.exec(`DELETE FROM uniq WHERE id IN (SELECT id FROM unsettled WHERE organ = ?1)
		AND NOT EXISTS (SELECT 1 FROM unsettled WHERE id = uniq.id AND organ != ?1)`, o.number)
	return err
}

// parkedID is the id in the envelope of a parked event.
const parkedID = `substr(envelope, 5, 16)`

// noteUnparked notes that an organ gets the parks of some names.
func (t *transaction) noteUnparked(o *organ, names []string) error {
	values := []any{o.number}
	for _, name := range names {
		values = append(values, name)
	}
	_, err := t.exec(`INSERT OR IGNORE INTO unsettled (id, organ) SELECT id, ? FROM uniq
		WHERE id IN (SELECT `+parkedID+` FROM parked WHERE event IN (?`+strings.Repeat(`, ?`, len(names)-1)+`))`, values...)
	return err
}

// releaseOldest releases the events that the park of a name lets go.
func (t *transaction) releaseOldest(name string, n int64) error {
	_, err := t.exec(`DELETE FROM uniq WHERE id IN (SELECT `+parkedID+` FROM (SELECT envelope FROM parked WHERE event = ? ORDER BY number LIMIT ?))`, name, n)
	return err
}

// sweepUniques forgets unique events whose time is over. Their rows of unsettled go with the deliveries.
func (t *transaction) sweepUniques() error {
	_, err := t.exec(`DELETE FROM uniq WHERE until <= ?`, t.now)
	return err
}
