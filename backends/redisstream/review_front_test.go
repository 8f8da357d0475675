package redisstream_test

import (
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// TestWhatIsLetGoIsReadByAndBy: a process does not take thousands of events at once because a
// key was let go that held them back.
func TestWhatIsLetGoIsReadByAndBy(t *testing.T) {
	r := share(t)
	b := r.open()
	s := sub("o", &Step{})
	s.Order = necro.OrderKey
	c := r.subscribe(b, s)[0]
	const n = 2000
	for from := 0; from < n; from += 500 {
		msgs := steps(from, 500)
		for i := range msgs {
			msgs[i].Key = "k"
		}
		r.publish(b, msgs...)
	}
	c.settle(retry(c.take(1)[0], 50*time.Millisecond))
	d := c.take(1)[0]
	r.until("all others wait", func() bool {
		c.none(10 * time.Millisecond)
		return r.do("ZCARD", r.key("wait:o")).(int64) == n-1
	})
	c.settle(ack(d))
	for i := 1; i < n; {
		ds := c.take(1)
		if leased := r.do("XPENDING", r.key("first:o"), "necro").([]any)[0].(int64); leased > 100 {
			t.Fatalf("%d events are leased for one that is fetched", leased)
		}
		r.wants(ds, i)
		c.settle(ack(ds[0]))
		if i++; i == 20 {
			break
		}
	}
}
