package redisstream_test

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestRetriesArePromotedOnce lets two processes move the same retries: both have looked at the
// schedule before either has moved anything.
func TestRetriesArePromotedOnce(t *testing.T) {
	t.Parallel()
	r := share(t)
	in := sub("in", &Step{})
	in.Pack = 1
	backends := []*redisstream.Backend{r.open(), r.open()}
	c := r.subscribe(backends[0], in)[0]
	const n = 10
	r.publish(backends[0], steps(0, n)...)
	for _, d := range c.take(n) {
		c.settle(retry(d, time.Hour))
	}
	for _, member := range r.redis.ZRange(r.ctx, r.key("due"), 0, -1).Val() {
		r.do("ZADD", r.key("due"), 1, member)
	}
	for _, b := range backends {
		r.ok(redisstream.Promote(r.ctx, b, "in"), "promote")
	}
	r.onceEach("q:in", n)
	same(r, "entries", r.len("q:in"), n)
	same(r, "scheduled", r.do("ZCARD", r.key("due")).(int64), 0)
}

// TestSetAsideKeepsItsPlace lets every event of a key fail once, while others are still unread.
// What has waited behind one waits again behind the next, in front of what was not read before.
func TestSetAsideKeepsItsPlace(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	in := sub("in", &Step{})
	in.Order, in.Pack = contract.OrderKey, 1
	c := r.subscribe(b, in)[0]
	const n = 30
	for i := range n {
		r.publish(b, message(&Step{N: i, Key: "k"}))
	}
	var done []*contract.Delivery
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
