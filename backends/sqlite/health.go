package sqlite

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// Health is one look at all organs, sorted by name.
func (b *Backend) Health(context.Context) (h contract.Health) {
	err := b.readSnapshot(func(s *session) error {
		h = contract.Health{Durability: b.describeDurability()}
		now := time.Now().UnixNano()
		if err := b.readOrgans(s, &h, now); err != nil {
			return err
		}
		later, err := readSchedule(s.query)
		if err != nil {
			return err
		}
		h.Delayed, h.Overdue = int(later.waiting), later.overdueBy(now)
		return s.query(func(r *row) error {
			h.Parked = append(h.Parked, contract.ParkHealth{Event: r.text(), Parked: int(r.count()), Dropped: int(r.count())})
			return nil
		}, `SELECT name, parked, dropped FROM park WHERE handed = 0 ORDER BY name`)
	})
	if err != nil {
		return contract.Health{Err: err}
	}
	return h
}

// describeDurability says in words how stored events survive.
func (b *Backend) describeDurability() string {
	if b.normal {
		return "one file, write-ahead log, not synced: a crash of the process loses nothing, one of the machine the last commits"
	}
	return "one file, write-ahead log, synced at each commit"
}

// readOrgans reads the state of all organs.
func (b *Backend) readOrgans(s *session, h *contract.Health, now int64) error {
	var organs []*organ
	err := s.query(func(r *row) error {
		o := &organ{number: r.between(1, lastOrgan)}
		o.readColumns(r)
		organs = append(organs, o)
		return nil
	}, readOrganAll)
	slices.SortFunc(organs, func(x, y *organ) int { return strings.Compare(x.name, y.name) })
	for _, o := range organs {
		if err != nil {
			return err
		}
		oh := contract.OrganHealth{
			Organ: o.name, Leased: int(o.leased), Dead: int(o.dead), DeadBytes: o.deadBytes, Paused: o.pauseReason(),
		}
		if o.identity != o.name {
			oh.Identity = o.identity
		}
		err = o.readHealth(s, &oh, now)
		h.Organs = append(h.Organs, oh)
	}
	return err
}

// readHealth reads what an organ's row does not say.
func (o *organ) readHealth(s *session, h *contract.OrganHealth, now int64) error {
	waiting, err := s.queryNumber(`SELECT count(*) FROM back INDEXED BY back_due WHERE organ = ? AND state = 0 AND due > ?`, o.number, now)
	if err != nil {
		return err
	}
	h.Scheduled = int(waiting + o.held)
	h.Ready = int(o.tail - o.head + o.back - o.held - waiting)
	first, err := o.firstReady(s, now)
	if err != nil {
		return err
	}
	if blocked, err := o.isBlocked(s, first); err != nil {
		return err
	} else if blocked {
		h.Scheduled, h.Ready = h.Scheduled+h.Ready, 0
	}
	if first != 0 && h.Ready > 0 {
		if h.Oldest, err = o.ageOf(s, first, now); err != nil {
			return err
		}
	}
	since, err := s.queryNumber(`SELECT min(since) FROM lease WHERE organ = ?`, o.number)
	if err != nil {
		return err
	}
	if since != 0 {
		h.OldestLeased = max(0, time.Duration(now-since))
	}
	return s.query(func(r *row) error {
		h.Consumers++
		h.AddBreaker(contract.BreakerState{Since: sqlstore.TimeOf(r.integer()), Failures: int(r.between(0, math.MaxInt32)), Next: sqlstore.TimeOf(r.integer())})
		return nil
	}, `SELECT open_since, failures, next_try FROM consumer JOIN process ON process.number = process WHERE organ = ? AND until > ?`, o.number, now)
}

// firstReady returns the id of the first delivery that may be handed out, as far as no order holds it back; 0 for none.
func (o *organ) firstReady(s *session, now int64) (int64, error) {
	back, err := s.queryNumber(`SELECT min(id) FROM back INDEXED BY back_due WHERE organ = ? AND state = 0 AND due <= ?`, o.number, now)
	if err != nil || o.tail == o.head {
		return back, err
	}
	fresh, err := s.queryNumber(`SELECT min(id) FROM queue WHERE id > ? AND id <= ?`, o.firstID()+o.head, o.lastID())
	return earlierOf(back, fresh), err
}

// isBlocked reports whether everything that is ready waits behind a failed delivery of an organ with order=strict.
func (o *organ) isBlocked(s *session, first int64) (bool, error) {
	if o.holding == 0 || first == 0 {
		return false, nil
	}
	held, err := s.queryNumber(`SELECT min(id) FROM back INDEXED BY back_holding WHERE organ = ? AND holds > 0 AND holds = ?`, o.number, holdsAll)
	return held != 0 && held < first, err
}

// ageOf returns how old the event of a delivery is.
func (o *organ) ageOf(s *session, id, now int64) (age time.Duration, err error) {
	err = s.query(func(r *row) error {
		var m contract.Message
		if _, err := envelope.ReadRow(wire.View(r.bytes()), &m); err == nil {
			age = max(0, time.Duration(now-m.Nanos))
		}
		return nil
	}, `SELECT envelope FROM queue WHERE id = ?`, id)
	return age, err
}
