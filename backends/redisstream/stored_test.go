package redisstream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestEachStored wants every event that is not settled, wherever it stands, once: also of a pack
// of which a part is settled.
func TestEachStored(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	s := sub("organ", &Step{})
	s.Order = contract.OrderStrict
	c := r.subscribe(b, s)[0]
	r.publish(b, steps(0, 5)...)
	r.publish(b, message(&Next{})) // nobody handles it
	ds := c.take(3)
	c.settle(ack(ds[0]), bury(ds[1]), retry(ds[2], time.Minute))
	got := map[string]int{}
	r.ok(b.EachStored(r.ctx, func(s contract.Stored) bool {
		got[fmt.Sprint(s.Place, " ", s.Organ, " ", s.Message.Type.Name)]++
		return true
	}), "each stored")
	want := map[string]int{"ready or leased organ STEP": 2, "dead organ STEP": 1, "scheduled organ STEP": 1, "parked  NEXT": 1}
	same(r, "stored", fmt.Sprint(got), fmt.Sprint(want))
	visited := 0
	r.ok(b.EachStored(r.ctx, func(contract.Stored) bool { visited++; return false }), "each stored")
	same(r, "visits of who wants one", visited, 1)
}

// TestEachStoredOfAKey wants what waits for a key that a retry holds.
func TestEachStoredOfAKey(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	s := sub("organ", &Step{})
	s.Order = contract.OrderKey
	c := r.subscribe(b, s)[0]
	r.publish(b, message(&Step{N: 0, Key: "k"}), message(&Step{N: 1, Key: "k"}), message(&Step{N: 2, Key: "other"}))
	c.settle(retry(c.take(1)[0], time.Minute))
	r.wants(c.take(1), 2)
	got := map[string]int{}
	r.ok(b.EachStored(r.ctx, func(s contract.Stored) bool {
		got[fmt.Sprint(s.Place, " ", s.Organ, " ", s.Message.Key)]++
		return true
	}), "each stored")
	want := map[string]int{"scheduled organ k": 1, "held back organ k": 1, "ready or leased organ other": 1}
	same(r, "stored", fmt.Sprint(got), fmt.Sprint(want))
}
