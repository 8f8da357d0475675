package necrotest_test

import (
	"context"
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// Sold is what a shop sold.
//
//necro:event
type Sold struct {
	Item  string `msgpack:"item" validate:"required"`
	Cents int    `msgpack:"cents" validate:"gt=0"`
}

// Banked is money that the bank has taken.
//
//necro:event
type Banked struct {
	Cents int `msgpack:"cents"`
}

// Bank stands in for a real one, which outlives our programs. What comes again under the same
// key it takes once.
type Bank struct {
	Taken   map[necro.ID]bool
	Balance int
}

// Take takes money.
func (b *Bank) Take(key necro.ID, cents int) {
	if !b.Taken[key] {
		b.Taken[key] = true
		b.Balance += cents
	}
}

// Till brings money to the bank.
//
//necro:organ necrotest.till
type Till struct{ Bank *Bank }

// Bring uses the delivery id, which is the same for every attempt, so the bank takes the money
// once.
//
//necro:handle
func (t *Till) Bring(ctx context.Context, s *Sold) Banked {
	meta, _ := necro.MetaFrom(ctx)
	t.Bank.Take(meta.DeliveryID, s.Cents)
	return Banked{s.Cents}
}

// Takings adds up in memory, hence exclusive.
//
//necro:organ necrotest.takings exclusive
type Takings struct {
	Seen  map[necro.ID]bool
	Total int
}

// Add counts an event once, by its id.
//
//necro:handle
func (t *Takings) Add(ctx context.Context, b *Banked) {
	meta, _ := necro.MetaFrom(ctx)
	if !t.Seen[meta.ID] {
		t.Seen[meta.ID] = true
		t.Total += b.Cents
	}
}

// testCrashes runs the shop with one fault after the other at every call of its backend. The
// till has no state of its own, so its program crashes, too; what the takings know would end
// with theirs.
func testCrashes(t *testing.T) {
	necrotest.Exhaust(t, func(w *necrotest.World) {
		bank, takings := &Bank{Taken: map[necro.ID]bool{}}, &Takings{Seen: map[necro.ID]bool{}}
		w.Organs = func() []necro.Organ { return []necro.Organ{&Till{bank}} }
		w.InMemory = []necro.Organ{takings}
		w.Snapshot = func() any { return []int{bank.Balance, takings.Total} }
	}, &Sold{"book", 2000}, &Sold{"pen", 150}, &Sold{"ink", 720})
}

// What is testCrashes here would be TestCrashes in a package of organs.
func ExampleExhaust() {
	_ = testing.InternalTest{Name: "TestCrashes", F: testCrashes}
}
