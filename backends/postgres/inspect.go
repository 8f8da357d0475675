package postgres

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

const (
	storedEvents = 1000                   // of a page
	tailInterval = 100 * time.Millisecond // between looks of a Tail
	// tailWindow is how long a Tail looks again behind a place that it has seen, because an event gets its number before
	// its transaction commits, and may become visible after events with higher numbers.
	tailWindow = 2 * time.Second
)

// Bound returns the events that organs are bound to, and the names of these organs.
func (b *Backend) Bound(ctx context.Context) (map[string][]string, error) {
	if b.closed.Load() {
		return nil, contract.ErrClosed
	}
	bound := map[string][]string{}
	err := b.transactSteps(ctx, true, step{
		text: `SELECT event, o.name FROM {bound} b JOIN {organ} o ON o.number = b.organ ORDER BY event, o.name`,
		each: func(r *row) {
			event := r.text()
			bound[event] = append(bound[event], r.text())
		},
	})
	return bound, err
}

// Bindings returns how the organs are bound.
func (b *Backend) Bindings(ctx context.Context) (map[string]contract.Binding, error) {
	if b.closed.Load() {
		return nil, contract.ErrClosed
	}
	if err := b.refreshBindings(ctx); err != nil {
		return nil, err
	}
	bindings := map[string]contract.Binding{}
	for _, o := range b.known.Load().organs {
		bindings[o.name] = contract.Binding{Identity: o.identity, Order: o.order, Exclusive: o.exclusive, Lanes: o.lanes}
	}
	return bindings, nil
}

// The queries of EachStored read a page behind a number ($1): number, place, event, key, envelope, payload.
const (
	readQueue = `SELECT seq, CASE WHEN seq > (SELECT min(seq) FROM {wait} WHERE organ = $3 AND holds = 2)
			OR EXISTS (SELECT FROM {wait} h WHERE h.organ = $3 AND h.holds = 1 AND h.key = q.key AND h.seq < q.seq) THEN '` + contract.PlaceHeldBack + `' ELSE '` + contract.PlaceReady + `' END,
		event, key, envelope, payload FROM {queue} q WHERE organ = $3 AND seq > $1 ORDER BY seq LIMIT $2`
	readWait = `SELECT seq, CASE WHEN due > (SELECT {nanos}()) THEN '` + contract.PlaceScheduled + `' ELSE '` + contract.PlaceReady + `' END,
		event, key, envelope, payload FROM {wait} WHERE organ = $3 AND seq > $1 ORDER BY seq LIMIT $2`
	readDead  = `SELECT number, '` + contract.PlaceDead + `', event, key, envelope, payload FROM {dead} WHERE organ = $3 AND number > $1 ORDER BY number LIMIT $2`
	readLater = `SELECT number, '` + contract.PlaceScheduled + `', event, key, envelope, payload FROM {later} WHERE number > $1 ORDER BY number LIMIT $2`
	readPark  = `SELECT number, '` + contract.PlaceParked + `', event, key, envelope, payload FROM {parked} WHERE number > $1 AND handed = 0 ORDER BY number LIMIT $2`
)

// EachStored visits the stored events page by page. No transaction is open while visit runs.
func (b *Backend) EachStored(ctx context.Context, visit func(contract.Stored) (more bool)) error {
	if b.closed.Load() {
		return contract.ErrClosed
	}
	err := b.refreshBindings(ctx)
	for _, o := range b.known.Load().organs {
		for _, text := range []string{readQueue, readWait, readDead} {
			if err == nil {
				err = b.visitRows(ctx, o.name, visit, text, o.number)
			}
		}
	}
	for _, text := range []string{readLater, readPark} {
		if err == nil {
			err = b.visitRows(ctx, "", visit, text)
		}
	}
	return sqlstore.EndVisit(err)
}

// visitRows visits the rows of a query.
func (b *Backend) visitRows(ctx context.Context, organ string, visit func(contract.Stored) bool, text string, values ...any) error {
	for behind, rows := int64(-1), storedEvents; rows == storedEvents; {
		var page []contract.Stored
		rows = 0
		err := b.transactSteps(ctx, true, step{text: text, values: append([]any{behind, storedEvents}, values...), each: func(r *row) {
			rows++
			behind = r.integer()
			if s, ok := b.readStored(r, organ); ok {
				page = append(page, s)
			}
		}})
		if err != nil {
			return err
		}
		if err := sqlstore.VisitPage(ctx, page, visit); err != nil {
			return err
		}
	}
	return nil
}

// readStored reads a row behind its number. ok is false for an event that cannot be read.
func (b *Backend) readStored(r *row, organ string) (s contract.Stored, ok bool) {
	s.Organ, s.Place = organ, r.text()
	event, key := r.text(), r.bytes()
	version, err := envelope.ReadRow(wire.View(r.bytes()), &s.Message)
	s.Message.Type, s.Message.Key, s.Message.Payload = b.types.TypeOf(event, version), string(key), r.bytes()
	return s, err == nil
}

// tail is how far a call of Tail has read the queues and the parks. Only that call uses it.
type tail struct {
	queue, park seen
	windowed    time.Time // when the windows moved
	page        []contract.Stored
}

// seen are the numbers that were seen in a window.
type seen struct {
	low, high int64 // the window is above low; up to high all was seen when it began
	numbers   map[int64]bool
}

// Tail looks ten times a second for newly stored events. An event that was handled between two looks is missing.
func (b *Backend) Tail(ctx context.Context, visit func(contract.Stored) (more bool)) error {
	if b.closed.Load() {
		return contract.ErrClosed
	}
	t := &tail{windowed: time.Now()}
	begin := func() error {
		return b.transactSteps(ctx, true,
			step{text: `SELECT last_value FROM {seq}`, each: func(r *row) { t.queue = seen{r.count(), 0, map[int64]bool{}} }},
			step{text: `SELECT max(number) FROM {parked}`, each: func(r *row) { t.park = seen{r.count(), 0, map[int64]bool{}} }})
	}
	return sqlstore.Tail(ctx, b.closing, tailInterval, begin, func() error { return b.lookBehind(ctx, t, visit) })
}

// lookBehind visits the events that were stored since the last look.
func (b *Backend) lookBehind(ctx context.Context, t *tail, visit func(contract.Stored) bool) error {
	t.page = t.page[:0]
	err := b.transactSteps(ctx, true,
		step{
			text: `SELECT q.seq, o.name, '` + contract.PlaceReady + `', q.event, q.key, q.envelope, q.payload FROM {organ} o
				CROSS JOIN LATERAL (SELECT * FROM {queue} WHERE organ = o.number AND seq > $1 ORDER BY seq LIMIT $2) q ORDER BY q.seq`,
			values: []any{t.queue.low, storedEvents}, each: func(r *row) { t.addUnseen(b, r, &t.queue) },
		},
		step{
			text:   `SELECT number, '', '` + contract.PlaceParked + `', event, key, envelope, payload FROM {parked} WHERE number > $1 ORDER BY number LIMIT $2`,
			values: []any{t.park.low, storedEvents}, each: func(r *row) { t.addUnseen(b, r, &t.park) },
		})
	if err != nil {
		return err
	}
	if time.Since(t.windowed) > tailWindow {
		t.windowed = time.Now()
		t.queue.moveWindow()
		t.park.moveWindow()
	}
	return sqlstore.VisitPage(ctx, t.page, visit)
}

// addUnseen adds a row to the page, unless it was seen.
func (t *tail) addUnseen(b *Backend, r *row, s *seen) {
	number := r.integer()
	if s.numbers[number] {
		return
	}
	s.numbers[number] = true
	if stored, ok := b.readStored(r, r.text()); ok {
		t.page = append(t.page, stored)
	}
}

// moveWindow begins a window behind what the one before had seen when it began.
func (s *seen) moveWindow() {
	s.low = max(s.low, s.high)
	for number := range s.numbers {
		s.high = max(s.high, number)
		if number <= s.low {
			delete(s.numbers, number)
		}
	}
}

// Diagnose returns what the backend's health shows.
func (b *Backend) Diagnose(ctx context.Context) ([]contract.Finding, error) {
	h := b.Health(ctx)
	return h.Findings(), h.Err
}
