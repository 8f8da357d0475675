package redisstream_test

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/redistest"
	necro "github.com/necrostack/necrogen/runtime"
)

// TestRetriesArePromotedOnce lets two processes move the same retries at the same time: each
// has one of its own that is due then, and their lines are so slow that both have looked at the
// schedule before either has moved anything.
func TestRetriesArePromotedOnce(t *testing.T) {
	t.Parallel()
	r := share(t)
	proxy := redistest.StartProxy(t, r.server.Addr())
	in := sub("in", &Step{})
	in.Pack = 1
	cs := []*consumer{r.subscribe(r.openAt(proxy.URL()), in)[0], r.subscribe(r.openAt(proxy.URL()), in)[0]}
	const n = 10
	r.publish(r.open(), steps(0, 2*n)...)
	var outcomes [2][]necro.Outcome
	due := time.Now().Add(300 * time.Millisecond)
	for i, c := range cs {
		for _, d := range c.take(n) {
			outcomes[i] = append(outcomes[i], retry(d, time.Until(due)))
		}
	}
	for i, c := range cs {
		c.settle(outcomes[i]...)
	}
	proxy.Delay(50 * time.Millisecond)
	r.until("nothing is scheduled", func() bool { return r.do("ZCARD", r.key("due")).(int64) == 0 })
	time.Sleep(time.Until(due.Add(300 * time.Millisecond))) // so that the other one has moved them too
	r.onceEach("q:in", 2*n)
	same(r, "entries", r.len("q:in"), 2*n)
}

// TestSetAsideKeepsItsPlace lets every event of a key fail once, while others are still unread.
// What has waited behind one waits again behind the next, in front of what was not read before.
func TestSetAsideKeepsItsPlace(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	in := sub("in", &Step{})
	in.Order, in.Pack = necro.OrderKey, 1
	c := r.subscribe(b, in)[0]
	const n = 30
	for i := range n {
		r.publish(b, message(&Step{N: i, Key: "k"}))
	}
	var done []*necro.Delivery
	for len(done) < n {
		d := c.take(1)[0]
		if d.Attempts == 0 {
			c.settle(retry(d, 0))
			continue
		}
		c.ack(d)
		done = append(done, d)
	}
	r.wants(done, upTo(n)...)
}
