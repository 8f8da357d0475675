package necrotest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// Visited is a visit of a guest.
//
//necro:event key=Guest
type Visited struct {
	Guest string `msgpack:"guest" validate:"required"`
	Last  bool   `msgpack:"last"`
}

// Welcomed is emitted on every third visit.
//
//necro:event output
type Welcomed struct {
	Guest  string `msgpack:"guest"`
	Visits int    `msgpack:"visits"`
}

// Visits is what the Reception knows of a guest.
//
//necro:state ttl=30d
type Visits struct {
	Number int `msgpack:"number" validate:"max=9"`
}

// Reception counts visits.
//
//necro:organ retry=2 backoff=1s..1s
type Reception struct {
	failAt int // the visit whose first attempt fails
}

//necro:handle
func (r *Reception) Count(ctx context.Context, v *Visits, e *Visited) (*Welcomed, necro.End, error) {
	v.Number++
	if m, _ := necro.MetaFrom(ctx); v.Number == r.failAt && m.Attempt == 1 {
		return nil, false, errors.New("the bell is broken")
	}
	if v.Number%3 != 0 {
		return nil, necro.End(e.Last), nil
	}
	return &Welcomed{e.Guest, v.Number}, necro.End(e.Last), nil
}

// TestFeedState hands an event to an organ that has a state already.
func TestFeedState(t *testing.T) {
	fed := necrotest.FeedState(t, &Reception{}, &Visits{Number: 2}, &Visited{Guest: "ann"})
	var v Visits
	if !fed.State(&v) || v.Number != 3 || fed.Err != nil {
		t.Errorf("%+v, error %v", v, fed.Err)
	}
	if welcomed := necrotest.Emitted[Welcomed](fed); len(welcomed) != 1 || welcomed[0].Visits != 3 {
		t.Errorf("emitted %+v", welcomed)
	}
	if fed := necrotest.FeedState(t, &Reception{}, &Visits{Number: 2}, &Visited{Guest: "ann", Last: true}); fed.State(&v) || v.Number != 0 {
		t.Errorf("after the end: %+v", v)
	}
	if fed := necrotest.Feed(t, &Reception{}, &Visited{Guest: "ann"}); !fed.State(&v) || v.Number != 1 {
		t.Errorf("the first visit: %+v", v)
	}
	if fed := necrotest.FeedState(t, &Reception{}, &Visits{Number: 9}, &Visited{Guest: "ann"}); fed.Err == nil || !fed.State(&v) || v.Number != 9 {
		t.Errorf("an invalid state: %+v, error %v", v, fed.Err)
	}
}

// TestKitState reads what is kept in a kit, from which it goes after its time.
func TestKitState(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		for range 4 {
			k.Publish(&Visited{Guest: "ann"})
		}
		k.Publish(&Visited{Guest: "bob"})
		k.Drain()
		var v Visits
		if !k.State("ann", &v) || v.Number != 4 {
			t.Errorf("ann: %+v", v)
		}
		k.Advance(29 * 24 * time.Hour)
		k.Publish(&Visited{Guest: "bob"})
		k.Drain()
		k.Advance(2 * 24 * time.Hour)
		if k.State("ann", &v) || v.Number != 0 {
			t.Errorf("ann after 31 days: %+v", v)
		}
		if !k.State("bob", &v) || v.Number != 2 {
			t.Errorf("bob: %+v", v)
		}
	}, necro.WithOrgans(&Reception{failAt: 2}))
}

// TestExhaustState compares the states that faults leave.
func TestExhaustState(t *testing.T) {
	n := necrotest.Exhaust(t, func(w *necrotest.World) {
		w.Organs = func() []necro.Organ { return []necro.Organ{&Reception{failAt: 2}} }
	}, &Visited{Guest: "ann"}, &Visited{Guest: "ann"}, &Visited{Guest: "bob", Last: true}, &Visited{Guest: "ann"})
	if n == 0 {
		t.Error("no faults")
	}
}
