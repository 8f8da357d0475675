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
	feed := (&exchange{}).makeFeed([]input.Source{input.Text("sample", sample)}, 0, t.Output())
	feed.Publish = func(_ context.Context, e necro.Event) error {
		events = append(events, e)
		return nil
	}
	if err := feed.Run(t.Context()); err != nil || feed.Bad > 0 {
		t.Fatalf("%d bad orders, %v", feed.Bad, err)
	}
	return events
}

// fewOrders are those of the sample orders that trade, are cancelled or are rejected in one way
// each: the numbers of their records. The work of a crash run grows with the square of its
// events, and tenfold under the race detector.
var fewOrders = []int{1, 2, 4, 5, 7, 8, 17, 18, 20}

// crashOrders are the events of a crash run: few, or all of the sample orders.
func crashOrders(t *testing.T) (events []necro.Event, faults int) {
	all := sampleOrders(t)
	if !raceDetector && !testing.Short() {
		return all, 1800
	}
	for _, n := range fewOrders {
		events = append(events, all[n-1])
	}
	return events, 700
}

// TestCrashes has one fault at every call of the backend, one in each run. The gate and
// settlement have no memory, and the books have a journal: their program crashes, too. The
// positions and the totals are in memory, and end with their program: theirs sees every other
// fault, and the memos of its organs keep an event that comes again from being applied twice.
func TestCrashes(t *testing.T) {
	events, least := crashOrders(t)
	faults := necrotest.Exhaust(t, func(w *necrotest.World) {
		house, journal, risk, audit := keyedHouse{}, &memoryJournal{}, NewRisk(150), NewAudit(nil, 0)
		w.Organs = func() []necro.Organ {
			return []necro.Organ{&Gate{Rules: []Rule{MaxValue(10_000_000 * priceUnit)}}, NewMatching(journal), &Settlement{house}}
		}
		w.InMemory = []necro.Organ{risk, audit}
		w.Snapshot = func() any {
			rebuilt := NewMatching(journal)
			if err := rebuilt.Restore(context.Background()); err != nil {
				return err
			}
			return []any{rebuilt.Snapshots(-1), maps.Clone(risk.positions), audit.Totals(), maps.Clone(house)}
		}
	}, events...)
	if faults < least {
		t.Errorf("%d faults: want %d at least", faults, least)
	}
}
