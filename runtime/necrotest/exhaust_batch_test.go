package necrotest_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// Bulk charges many orders in one call, under the delivery id of each. It fails for one of them, and as a whole with another.
//
//necro:organ necrotest.bulk retry=3
type Bulk struct{ gateway *Gateway }

// Charge charges.
//
//necro:handle batch=5/10ms
func (b *Bulk) Charge(ctx context.Context, ps []*Placed) ([]*Charged, error) {
	metas, _ := necro.MetasFrom(ctx)
	charged, failed := make([]*Charged, len(ps)), necro.Failed{}
	for i, p := range ps {
		switch {
		case p.Amount == 13:
			failed[i] = necro.Permanent(errors.New("unlucky"))
			continue
		case p.Amount == 17 && len(ps) > 1:
			return nil, errors.New("the statement failed")
		case p.Amount == 14 && metas[i].Attempt < 3:
			failed[i] = errors.New("not now")
			continue
		case !b.gateway.Keys[metas[i].DeliveryID]:
			b.gateway.Keys[metas[i].DeliveryID] = true
			b.gateway.Charges++
		}
		if p.Amount != 12 {
			charged[i] = &Charged{ID: p.ID}
		}
	}
	return charged, failed
}

// TestExhaustFeedsBatches: no fault changes what a batch handler leaves, whatever batches the faults make of the deliveries.
func TestExhaustFeedsBatches(t *testing.T) {
	faults := necrotest.Exhaust(t, func(w *necrotest.World) {
		gateway := &Gateway{Keys: map[necro.ID]bool{}}
		ledger := &Ledger{remembers: func(seen []necro.ID, id necro.ID) bool { return slices.Contains(seen, id) }}
		w.Organs = func() []necro.Organ { return []necro.Organ{&Bulk{gateway}} }
		w.InMemory = []necro.Organ{ledger}
		w.Snapshot = func() any { return []any{gateway.Charges, slices.Sorted(slices.Values(ledger.entries))} }
	}, placed(8)...)
	if faults < 100 {
		t.Errorf("%d faults, want some hundred", faults)
	}
}

// TestFeedBatch: each event has its own error and its own emissions.
func TestFeedBatch(t *testing.T) {
	fed := necrotest.FeedBatch(t, &Bulk{&Gateway{Keys: map[necro.ID]bool{}}}, []*Placed{{ID: "a", Amount: 11}, {ID: "b", Amount: 13}, {ID: "c", Amount: 12}, {ID: "d", Amount: 20}})
	for i, want := range []string{"a", "", "", "d"} {
		got := ""
		for _, c := range necrotest.Emitted[Charged](fed[i]) {
			got += c.ID
		}
		if got != want || (fed[i].Err != nil) != (i == 1) {
			t.Errorf("event %d: emitted %q, error %v", i, got, fed[i].Err)
		}
	}
	if alone := necrotest.Feed(t, &Bulk{&Gateway{Keys: map[necro.ID]bool{}}}, &Placed{ID: "a", Amount: 17}); alone.Err != nil {
		t.Error(alone.Err)
	}
}
