package redisstream_test

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestTail sees what is stored from now on, for an organ and in a park, and not what was there.
func TestTail(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	r.bind(sub("organ", &Step{}))
	r.publish(b, steps(0, 3)...)
	time.Sleep(2 * time.Millisecond) // ids are milliseconds
	seen := make(chan string, 100)
	ended := make(chan error, 1)
	go func() {
		ended <- b.Tail(r.ctx, func(s contract.Stored) bool {
			seen <- s.Place + " " + s.Organ + " " + s.Message.Type.Name
			return s.Place != "parked"
		})
	}()
	got := map[string]bool{}
	for !got["ready or leased organ STEP"] { // it may not look yet
		r.publish(b, steps(3, 1)...)
		select {
		case s := <-seen:
			got[s] = true
		case <-time.After(5 * time.Millisecond):
		}
	}
	r.publish(b, message(&Next{}))
	r.ok(<-ended, "tail")
}
