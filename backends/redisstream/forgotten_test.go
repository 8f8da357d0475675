package redisstream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestForgottenEntriesComeBack has the server say that this process holds an entry which it knows nothing
// of, as after a failover that took back that it was settled: it comes when its lease has run out, also
// to the owner of an exclusive organ.
func TestForgottenEntriesComeBack(t *testing.T) {
	t.Parallel()
	for _, order := range []contract.OrderMode{contract.OrderFirstAttempts, contract.OrderKey, contract.OrderStrict} {
		for _, exclusive := range []bool{false, true} {
			t.Run(fmt.Sprintf("Order=%v,Exclusive=%v", order, exclusive), func(t *testing.T) {
				t.Parallel()
				r := share(t)
				b := r.open()
				in := sub("in", &Step{})
				in.Order, in.Exclusive, in.Lease = order, exclusive, 500*time.Millisecond
				c := r.subscribe(b, in)[0]
				r.publish(b, steps(0, 1)...)
				c.ack(c.take(1)...)
				process := r.redis.XInfoConsumers(r.ctx, r.key("q:in"), "necro").Val()[0].Name
				c.none(50 * time.Millisecond)
				r.publish(b, steps(1, 1)...)
				r.until("it is read", func() bool {
					r.do("XREADGROUP", "GROUP", "necro", process, "STREAMS", r.key("q:in"), ">")
					return r.redis.XPending(r.ctx, r.key("q:in"), "necro").Val().Count == 1
				})
				ds := c.take(1)
				r.wants(ds, 1)
				c.ack(ds...)
			})
		}
	}
}
