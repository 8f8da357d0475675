package redisstream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestOrderOfAnOrganChanges: a new release gives an organ another order while a delivery waits
// for its retry, and others behind it.
func TestOrderOfAnOrganChanges(t *testing.T) {
	names := map[contract.OrderMode]string{contract.OrderFirstAttempts: "none", contract.OrderKey: "key", contract.OrderStrict: "strict"}
	for from := range names {
		for to := range names {
			if from == to {
				continue
			}
			t.Run(fmt.Sprintf("from %s to %s", names[from], names[to]), func(t *testing.T) {
				t.Parallel()
				r := share(t)
				s := sub("o", &Step{})
				s.Pack, s.Order = 1, from
				before := r.open()
				c := r.subscribe(before, s)[0]
				for i := range 4 {
					r.publish(before, message(&Step{N: i, Key: "k"}))
				}
				c.settle(retry(c.take(1)[0], 100*time.Millisecond))
				if from != contract.OrderFirstAttempts {
					c.none(50 * time.Millisecond) // by then the others wait for it
				}
				r.ok(before.Close(), "close")

				s.Order = to
				b := r.open()
				c = r.subscribe(b, s)[0]
				got := map[int]bool{}
				for range 4 {
					d := c.take(1)[0]
					got[number(d)] = true
					c.settle(ack(d))
				}
				same(r, "deliveries", len(got), 4)
				c.none(50 * time.Millisecond)
				for _, key := range []string{"hold:o", "wait:o", "part:o"} {
					same(r, "keys "+key, r.do("EXISTS", r.key(key)).(int64), 0)
				}
				same(r, "entries", r.len("q:o")+r.len("first:o"), 0)
				h := r.health(b, "o")
				same(r, "left", h.Ready+h.Leased+h.Scheduled, 0)
			})
		}
	}
}

// TestSubscribeChecksBeforeItWrites: a key of somebody else is in the way of one organ, and
// nothing of the call comes to be.
func TestSubscribeChecksBeforeItWrites(t *testing.T) {
	r := share(t)
	b := r.open()
	r.publish(b, steps(0, 1)...)
	for _, key := range []string{"q:two", "part:two", "dead:two", "deadid:two", "first:two", "hold:two", "wait:two", "own:two", "park:NEXT", "took:NEXT", "due"} {
		if key == "own:two" {
			r.do("HSET", r.key(key), "a", "b")
		} else {
			r.do("SET", r.key(key), "somebody else's")
		}
		_, err := b.Subscribe(r.ctx, []contract.Subscription{sub("one", &Step{}), sub("two", &Next{})})
		r.oneLine(err, r.key(key))
		same(r, "bindings with a strange "+key, r.do("EXISTS", r.key("bind")).(int64), 0)
		same(r, "streams with a strange "+key, r.do("EXISTS", r.key("q:one")).(int64), 0)
		r.do("DEL", r.key(key))
	}
	c := r.subscribe(b, sub("one", &Step{}), sub("two", &Next{}))[0]
	r.wants(c.take(1), 0)
}
