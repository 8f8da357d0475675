package redisstream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestStrictOrderTakesBackWhatIsInFront lets the second delivery of an organ in strict order fail while another consumer has
// the first one, which that consumer releases then. It is fetched again, whether both consumers are in one process or in
// two, and whether the events share an entry; the third event comes behind both.
func TestStrictOrderTakesBackWhatIsInFront(t *testing.T) {
	t.Parallel()
	for _, way := range []struct{ processes, pack int }{{1, 1}, {1, 64}, {2, 1}} { // an entry belongs to one process
		t.Run(fmt.Sprintf("Processes=%d/Pack=%d", way.processes, way.pack), func(t *testing.T) {
			t.Parallel()
			r := share(t)
			in := sub("in", &Step{})
			in.Order, in.Pack = contract.OrderStrict, way.pack
			b := r.open()
			r.bind(in)
			r.publish(b, steps(0, 3)...)
			releases := r.subscribe(b, in)[0]
			first := releases.take(1)
			r.wants(first, 0)
			if way.processes == 2 {
				b = r.open()
			}
			fails := r.subscribe(b, in)[0]
			second := fails.take(1)
			r.wants(second, 1)
			fails.settle(retry(second[0], 50*time.Millisecond))
			r.ok(releases.Release(r.ctx, first), "release")
			came := map[int]bool{}
			for range 3 {
				d := fails.take(1)[0]
				if number(d) == 2 && len(came) < 2 {
					r.Errorf("event 2 came behind %v, want it behind the two in front of it", came)
				}
				came[number(d)] = true
				fails.ack(d)
			}
			same(r, "different events", len(came), 3)
		})
	}
}
