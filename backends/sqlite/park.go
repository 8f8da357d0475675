package sqlite

import (
	"slices"
	"strings"
	"time"
)

const (
	// parkLimit is how many events of one name wait for a first subscriber; beyond it the oldest are let go and counted.
	parkLimit = 10_000
	// parkGrace is how long after the first binding other organs still get the park.
	parkGrace = time.Minute
)

// park is the row of a name without an organ.
//
//	open: takes events --the first organ binds--> handed: for parkGrace other organs get it, too ----> gone
type park struct {
	parked, dropped, handed int64
	taken                   string // identities of the organs that got it, each behind a space
}

// readPark returns the park of a name.
func (t *transaction) readPark(name string) (p park, found bool, err error) {
	err = t.query(func(r *row) error {
		p, found = park{r.count(), r.count(), r.integer(), r.text()}, true
		return nil
	}, `SELECT parked, dropped, handed, taken FROM park WHERE name = ?`, name)
	return p, found, err
}

// parkEvent keeps an event for its first subscriber. The row of its name is written by flushParks.
func (t *transaction) parkEvent(r *stored) error {
	name := r.event
	p := t.parks[name]
	if p == nil {
		found, _, err := t.readPark(name)
		if err != nil {
			return err
		}
		if found.handed != 0 { // its organs were removed since
			if _, err := t.exec(`DELETE FROM parked WHERE event = ?`, name); err != nil {
				return err
			}
			found = park{}
		}
		p = &found
		t.parks[name] = p
	}
	p.parked++
	_, err := t.exec(`INSERT INTO parked (event, key, envelope, payload) VALUES (?, ?, ?, ?)`, name, r.key, r.envelope, r.payload)
	return err
}

// flushParks writes the rows of the names that got events, and lets the oldest go of those that have too many.
func (t *transaction) flushParks() error {
	for name, p := range t.parks {
		if over := p.parked - parkLimit; over > 0 {
			if err := t.releaseOldest(name, over); err != nil {
				return err
			}
			_, err := t.exec(`DELETE FROM parked WHERE number IN (SELECT number FROM parked WHERE event = ? ORDER BY number LIMIT ?)`, name, over)
			if err != nil {
				return err
			}
			p.parked, p.dropped = parkLimit, p.dropped+over
		}
		if _, err := t.exec(`REPLACE INTO park (name, parked, dropped, handed, taken) VALUES (?, ?, ?, 0, '')`, name, p.parked, p.dropped); err != nil {
			return err
		}
	}
	clear(t.parks)
	return nil
}

// handOver gives an organ the parks of the names that it was just bound to, in the order in which the events were
// published.
func (t *transaction) handOver(o *organ, names []string) error {
	if err := t.flushParks(); err != nil {
		return err
	}
	var due []string
	for _, name := range names {
		p, found, err := t.readPark(name)
		if err != nil {
			return err
		}
		had := slices.Contains(strings.Fields(p.taken), o.identity)
		if !found || had || p.handed != 0 && t.now-p.handed > int64(parkGrace) {
			continue
		}
		due = append(due, name)
		if _, err := t.exec(`UPDATE park SET taken = taken || ' ' || ? WHERE name = ?`, o.identity, name); err != nil {
			return err
		}
	}
	if len(due) == 0 {
		return nil
	}
	if err := t.flushRows(); err != nil {
		return err
	}
	if err := t.noteUnparked(o, due); err != nil {
		return err
	}
	values := []any{o.firstID() + o.tail}
	for _, name := range due {
		values = append(values, name)
	}
	moved, err := t.exec(`INSERT INTO queue (id, event, key, envelope, payload)
		SELECT ? + row_number() OVER (ORDER BY number), event, key, envelope, payload FROM parked WHERE event IN (?`+
		strings.Repeat(`, ?`, len(due)-1)+`) ORDER BY number`, values...)
	t.touchOrgan(o)
	o.tail += moved
	return err
}

// closePark begins the grace of a name's park.
func (t *transaction) closePark(name string) error {
	_, err := t.exec(`UPDATE park SET handed = ? WHERE name = ? AND handed = 0`, t.now, name)
	return err
}

// sweepParks forgets parks whose grace is over.
func (t *transaction) sweepParks() error {
	before := t.now - int64(parkGrace)
	if _, err := t.exec(`DELETE FROM parked WHERE event IN (SELECT name FROM park WHERE handed != 0 AND handed < ?)`, before); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM park WHERE handed != 0 AND handed < ?`, before)
	return err
}
