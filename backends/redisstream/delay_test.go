package redisstream_test

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestDelayedEventsOutliveARestart restarts the server while one event is about to be due and another one waits for an
// hour: the first comes with its id and not before its time, and the second can be cancelled.
func TestDelayedEventsOutliveARestart(t *testing.T) {
	t.Parallel()
	r := newRestarted(t)
	b := r.open()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	msgs := steps(0, 2)
	for i, delay := range []time.Duration{time.Second, time.Hour} {
		msgs[i].Due = time.Now().Add(delay).UnixNano()
	}
	r.publish(b, msgs...)
	r.restart()
	var found bool
	r.until("the server answers again", func() (ok bool) {
		var err error
		found, err = b.Cancel(r.ctx, msgs[1].ID)
		return err == nil
	})
	same(r.rig, "the second was in the schedule", found, true)
	var ds []contract.Delivery
	r.until("the first comes", func() (ok bool) {
		var err error
		ds, err = c.Fetch(r.ctx, 10)
		return err == nil && len(ds) > 0
	})
	same(r.rig, "deliveries", len(ds), 1)
	same(r.rig, "id", ds[0].ID, msgs[0].ID)
	if early := time.Until(time.Unix(0, msgs[0].Due)); early > 5*time.Millisecond {
		t.Errorf("it came %v before it was due", early)
	}
}
