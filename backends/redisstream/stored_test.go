package redisstream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

// TestEachStored wants every event that is not settled, wherever it stands, once: also of a pack
// of which a part is settled.
func TestEachStored(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	s := sub("organ", &Step{})
	s.Order = necro.OrderStrict
	c := r.subscribe(b, s)[0]
	r.publish(b, steps(0, 5)...)
	r.publish(b, message(&Next{})) // nobody handles it
	ds := c.take(3)
	c.settle(ack(ds[0]), bury(ds[1]), retry(ds[2], time.Minute))
	got := map[string]int{}
	r.ok(b.EachStored(r.ctx, func(s redisstream.Stored) bool {
		got[fmt.Sprint(s.Place, " ", s.Organ, " ", s.Message.Type.Name)]++
		return true
	}), "each stored")
	want := map[string]int{"ready or leased organ STEP": 2, "dead organ STEP": 1, "scheduled organ STEP": 1, "parked  NEXT": 1}
	same(r, "stored", fmt.Sprint(got), fmt.Sprint(want))
	visited := 0
	r.ok(b.EachStored(r.ctx, func(redisstream.Stored) bool { visited++; return false }), "each stored")
	same(r, "visits of who wants one", visited, 1)
}
