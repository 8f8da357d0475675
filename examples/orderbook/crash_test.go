package main

import (
	"context"
	"maps"
	"testing"

	"github.com/necrostack/necrogen/examples/internal/input"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// keyedHouse takes a trade over once for each key, as a clearing house must. What it answers
// depends on the trade and the attempt alone, so every run gets the same answers.
type keyedHouse map[necro.ID]uint64

func (h keyedHouse) Clear(ctx context.Context, key necro.ID, t *Trade) error {
	meta, _ := necro.MetaFrom(ctx)
	switch {
	case t.TradeID%5 == 3:
		return ErrRefused
	case t.TradeID%5 == 1 && meta.Attempt == 1:
		return errUnavailable
	case t.TradeID%5 == 4 && meta.Attempt == 1: // the answer never comes
		h[key] = t.TradeID
		<-ctx.Done()
		return ctx.Err()
	}
	h[key] = t.TradeID
	return nil
}

// sampleOrders are the events of the sample orders.
func sampleOrders(t *testing.T) (events []necro.Event) {
	feed := (&exchange{}).feed([]input.Source{input.Text("sample", sample)}, t.Output())
	feed.Publish = func(_ context.Context, e necro.Event) error {
		events = append(events, e)
		return nil
	}
	if err := feed.Run(t.Context()); err != nil || feed.Bad > 0 {
		t.Fatalf("%d bad orders, %v", feed.Bad, err)
	}
	return events
}

// TestCrashes has one fault at every call of the backend, one in each run. The gate and
// settlement have no memory: their program crashes, too. The books, the positions and the
// totals are in memory, and end with their program: theirs sees every other fault, and the
// memos of its organs keep an event that comes again from being applied twice.
func TestCrashes(t *testing.T) {
	faults := necrotest.Exhaust(t, func(w *necrotest.World) {
		house, matching, risk, audit := keyedHouse{}, NewMatching(), NewRisk(150), NewAudit(nil, 0)
		w.Organs = func() []necro.Organ {
			return []necro.Organ{&Gate{Rules: []Rule{MaxValue(10_000_000 * priceUnit)}}, &Settlement{house}}
		}
		w.InMemory = []necro.Organ{matching, risk, audit}
		w.Snapshot = func() any {
			return []any{matching.Snapshots(-1), maps.Clone(risk.positions), audit.totals, maps.Clone(house)}
		}
	}, sampleOrders(t)...)
	if faults < 1000 {
		t.Errorf("%d faults: want more than 1000", faults)
	}
}
