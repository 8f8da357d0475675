package sqlite

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// What a page of stored events has at most.
const (
	storedEvents = 1000
	storedBytes  = 4 << 20 // unless one event has more
)

// Bound returns the events that organs are bound to, and the names of these organs.
func (b *Backend) Bound(context.Context) (bound map[string][]string, err error) {
	err = b.readSnapshot(func(s *session) error {
		bound = map[string][]string{}
		return s.query(func(r *row) error {
			event := r.text()
			bound[event] = append(bound[event], r.text())
			return nil
		}, `SELECT event, organ.name FROM bound JOIN organ ON organ.number = bound.organ ORDER BY event, organ.name`)
	})
	return bound, err
}

// Bindings returns how the organs are bound.
func (b *Backend) Bindings(context.Context) (bindings map[string]contract.Binding, err error) {
	err = b.readSnapshot(func(s *session) error {
		bindings = map[string]contract.Binding{}
		return s.query(func(r *row) error {
			name := r.text()
			bindings[name] = contract.Binding{Identity: r.text(), Order: contract.OrderMode(r.between(0, 2)), Exclusive: r.between(0, 1) == 1}
			return nil
		}, `SELECT name, identity, ordered, exclusive FROM organ`)
	})
	return bindings, err
}

// EachStored visits the stored events page by page. No transaction is open while visit runs.
func (b *Backend) EachStored(ctx context.Context, visit func(contract.Stored) (more bool)) error {
	ends, err := b.readEnds()
	for _, e := range ends {
		if err == nil {
			_, err = b.visitRows(ctx, contract.Stored{Place: contract.PlaceReady, Organ: e.name}, visit, e.number<<placeBits,
				`SELECT queue.id, event, queue.key, envelope, payload, back.state, back.due
				FROM queue LEFT JOIN back ON back.id = queue.id WHERE queue.id > ?1 AND queue.id <= ?2 ORDER BY queue.id`, e.number<<placeBits|lastPlace)
		}
		if err == nil {
			_, err = b.visitRows(ctx, contract.Stored{Place: contract.PlaceDead, Organ: e.name}, visit, 0,
				`SELECT number, event, key, envelope, payload FROM dead WHERE number > ?1 AND organ = ?2 ORDER BY number`, e.number)
		}
	}
	if err == nil {
		_, err = b.visitRows(ctx, contract.Stored{Place: contract.PlaceScheduled}, visit, 0,
			`SELECT number, event, key, envelope, payload FROM later WHERE number > ?1 ORDER BY number`)
	}
	if err == nil {
		_, err = b.visitRows(ctx, contract.Stored{Place: contract.PlaceParked}, visit, 0,
			`SELECT number, event, key, envelope, payload FROM parked WHERE number > ?1 AND event IN (SELECT name FROM park WHERE handed = 0) ORDER BY number`)
	}
	return sqlstore.EndVisit(err)
}

// organEnd says how far an organ has stored deliveries: the id of the last one, which may be done.
type organEnd struct {
	number int64
	name   string
	last   int64
}

func (b *Backend) readEnds() (ends []organEnd, err error) {
	err = b.readSnapshot(func(s *session) error {
		ends = nil
		return s.query(func(r *row) error {
			e := organEnd{number: r.between(1, lastOrgan), name: r.text()}
			e.last = e.number<<placeBits | r.between(0, lastPlace)
			ends = append(ends, e)
			return nil
		}, `SELECT number, name, tail FROM organ ORDER BY name`)
	})
	return ends, err
}

// visitRows visits the rows of a query whose numbers are above behind, its ?1, and returns the number of the last one: behind
// when there is none. It returns the error of [sqlstore.VisitPage] when visit has seen enough.
func (b *Backend) visitRows(ctx context.Context, like contract.Stored, visit func(contract.Stored) bool, behind int64, text string, values ...any) (last int64, err error) {
	for {
		page, last, err := b.readPage(like, behind, text, values...)
		if err != nil || last == behind {
			return last, err
		}
		if err := sqlstore.VisitPage(ctx, page, visit); err != nil {
			return behind, err
		}
		behind = last
	}
}

// readPage reads a page of visitRows. An event that cannot be read is left out.
func (b *Backend) readPage(like contract.Stored, behind int64, text string, values ...any) (page []contract.Stored, last int64, err error) {
	err = b.readSnapshot(func(s *session) error {
		page, last = nil, behind
		rows, size, now := 0, 0, time.Now().UnixNano()
		return s.query(func(r *row) error {
			last = r.integer()
			event, key, header, payload := r.text(), r.text(), r.bytes(), r.bytes()
			stored := like
			if len(r.values) > r.next {
				stored.Place = placeOf(r.integer(), r.integer(), now)
			}
			if version, err := envelope.ReadRow(wire.View(header), &stored.Message); err == nil {
				stored.Message.Type, stored.Message.Key, stored.Message.Payload = b.types.TypeOf(event, version), key, payload
				page = append(page, stored)
			}
			rows++
			if size += len(key) + len(header) + len(payload); rows == storedEvents || size >= storedBytes {
				return errStop
			}
			return nil
		}, text, append([]any{behind}, values...)...)
	})
	return page, last, err
}

// placeOf says where a delivery waits by its row in the table back.
func placeOf(state, due, now int64) string {
	switch {
	case state == 2:
		return contract.PlaceHeldBack
	case state == 0 && due > now:
		return contract.PlaceScheduled
	}
	return contract.PlaceReady
}

// Tail looks at the file every few milliseconds for newly stored events. An event that was handled between two looks is
// missing.
func (b *Backend) Tail(ctx context.Context, visit func(contract.Stored) (more bool)) error {
	var t *tail
	begin := func() (err error) {
		t, err = b.beginTail()
		return err
	}
	return sqlstore.Tail(ctx, b.closing, watchOften, begin, func() error { return b.lookBehind(ctx, t, visit) })
}

// tail is how far a call of Tail has read the queues and the parks. Only that call uses it.
type tail struct {
	seen   map[int64]int64 // ids of deliveries, by the number of their organ; none for an organ that is new
	parked int64           // number of an event
}

func (b *Backend) beginTail() (*tail, error) {
	ends, err := b.readEnds()
	if err != nil {
		return nil, err
	}
	t := &tail{seen: map[int64]int64{}}
	for _, e := range ends {
		t.seen[e.number] = e.last
	}
	return t, b.readSnapshot(func(s *session) (err error) {
		t.parked, err = s.queryNumber(`SELECT seq FROM sqlite_sequence WHERE name = 'parked'`)
		return err
	})
}

// lookBehind visits the events that were stored since the last look.
func (b *Backend) lookBehind(ctx context.Context, t *tail, visit func(contract.Stored) bool) error {
	ends, err := b.readEnds()
	if err != nil {
		return err
	}
	for _, e := range ends {
		behind := max(t.seen[e.number], e.number<<placeBits)
		if behind >= e.last {
			continue
		}
		last, err := b.visitRows(ctx, contract.Stored{Place: contract.PlaceReady, Organ: e.name}, visit, behind,
			`SELECT id, event, key, envelope, payload FROM queue WHERE id > ?1 AND id <= ?2 ORDER BY id`, e.number<<placeBits|lastPlace)
		if err != nil {
			return err
		}
		t.seen[e.number] = max(last, e.last)
	}
	t.parked, err = b.visitRows(ctx, contract.Stored{Place: contract.PlaceParked}, visit, t.parked,
		`SELECT number, event, key, envelope, payload FROM parked WHERE number > ?1 ORDER BY number`)
	return err
}

// Diagnose returns what the backend's health shows.
func (b *Backend) Diagnose(ctx context.Context) ([]contract.Finding, error) {
	h := b.Health(ctx)
	return h.Findings(), h.Err
}
