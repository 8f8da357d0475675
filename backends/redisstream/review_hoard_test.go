package redisstream_test

import (
	"testing"
	"time"
)

// TestNobodyHoards: what a process has read and does not come to, because a handler hangs or a
// breaker is open, is for others after a while.
func TestNobodyHoards(t *testing.T) {
	r := share(t)
	s := sub("o", &Step{})
	s.Lease, s.Pack = 900*time.Millisecond, 2
	b := r.open()
	busy := r.subscribe(b, s)[0]
	r.publish(b, steps(0, 6)...)
	ds, err := busy.fetch(r.ctx, 5)
	r.ok(err, "fetch")
	r.wants(ds, 0, 1, 2, 3) // the third entry is read, and waits
	kept := make(chan bool)
	go func() { // as a spine does while the handlers run
		for {
			select {
			case <-kept:
				return
			case <-time.After(s.Lease / 3):
				busy.Extend(r.ctx, ds)
			}
		}
	}()
	defer close(kept)
	idle := r.subscribe(r.open(), s)[0]
	other := idle.take(2)
	r.wants(other, 4, 5)
	if other[0].Suspect {
		t.Error("it is suspected")
	}
	busy.settle(ack(ds[0]), ack(ds[1]), ack(ds[2]), ack(ds[3]))
}
