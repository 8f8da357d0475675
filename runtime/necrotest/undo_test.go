package necrotest_test

import (
	"context"
	"strings"
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// Trip says what becomes of a trip: it is booked, called off, or over.
//
//necro:event key=Name
type Trip struct {
	Name string   `msgpack:"name"`
	What string   `msgpack:"what"`
	Legs []string `msgpack:"legs"`
}

// BookLeg is a command.
//
//necro:event key=Name undo=CANCEL_LEG
type BookLeg struct {
	Name string `msgpack:"name"`
	Leg  string `msgpack:"leg"`
}

// CancelLeg takes a booking back.
//
//necro:event key=Name
type CancelLeg struct {
	Name string `msgpack:"name"`
	Leg  string `msgpack:"leg"`
}

// Itinerary is what became of a trip.
//
//necro:state
type Itinerary struct {
	Log []string `msgpack:"log"`
}

// Travel books trips.
//
//necro:organ necrotest.travel retry=2 backoff=1s..1s
type Travel struct{}

// Plan keeps an undo of each leg.
//
//necro:handle
func (*Travel) Plan(_ context.Context, i *Itinerary, e *Trip) (book []*BookLeg, undos []necro.Undo[CancelLeg], turn necro.Compensate, end necro.End, err error) {
	i.Log = append(i.Log, e.What)
	for _, leg := range e.Legs {
		book = append(book, &BookLeg{e.Name, leg})
		undos = append(undos, necro.Undo[CancelLeg]{Event: &CancelLeg{e.Name, leg}})
	}
	return book, undos, necro.Compensate(strings.Contains(e.What, "off")), necro.End(strings.Contains(e.What, "over")), nil
}

// Bookings is what is booked.
//
//necro:state
type Bookings struct {
	Legs []string `msgpack:"legs"`
}

// Agency books legs.
//
//necro:organ necrotest.agency retry=2 backoff=1s..1s
type Agency struct{}

// Book enters a leg.
//
//necro:handle
func (*Agency) Book(_ context.Context, b *Bookings, e *BookLeg) error {
	b.Legs = append(b.Legs, "+"+e.Leg)
	return nil
}

// Cancel enters that a leg is called off.
//
//necro:handle
func (*Agency) Cancel(_ context.Context, b *Bookings, e *CancelLeg) error {
	b.Legs = append(b.Legs, "-"+e.Leg)
	return nil
}

// TestFeedTellsOfUndos: what a handler keeps is not emitted, and Kept returns it.
func TestFeedTellsOfUndos(t *testing.T) {
	fed := necrotest.Feed(t, &Travel{}, &Trip{"a", "booked", []string{"out", "home"}})
	kept := necrotest.Kept[CancelLeg](fed)
	if fed.Err != nil || len(kept) != 2 || kept[0].Leg != "out" || kept[1].Leg != "home" || len(necrotest.Emitted[CancelLeg](fed)) != 0 {
		t.Errorf("error %v, undos %v", fed.Err, kept)
	}
}

// TestExhaustUndos: undos that are kept, emitted, and gone with their record come to the same end whatever fault strikes each call
// of the backend.
func TestExhaustUndos(t *testing.T) {
	j := exhaust(t, "", func(w *necrotest.World) {
		w.Organs = func() []necro.Organ { return []necro.Organ{&Travel{}, &Agency{}} }
	}, &Trip{"off", "booked", []string{"out", "home"}}, &Trip{"off", "more", []string{"side"}}, &Trip{"off", "off", nil}, &Trip{"off", "again off over", nil},
		&Trip{"done", "booked", []string{"out"}}, &Trip{"done", "over", nil}, &Trip{"done", "off", nil})
	if said := strings.Join(j.errors, "\n"); said != "" {
		t.Errorf("reported:\n%s\n%s", said, strings.Join(j.logs, "\n"))
	}
}

// TestUndosInOrder: what was booked is called off, the last one first.
func TestUndosInOrder(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&Trip{"a", "booked", []string{"out", "home"}})
		k.Publish(&Trip{"a", "more", []string{"side"}})
		k.Publish(&Trip{"a", "off", nil})
		k.Drain()
		var b Bookings
		k.State("a", &b)
		if got := strings.Join(b.Legs, " "); got != "+out +home +side -side -home -out" {
			t.Error(got)
		}
	}, necro.WithOrgans(&Travel{}, &Agency{}))
}
