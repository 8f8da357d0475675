package redisstream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// clocked returns a rig on a server of its own whose clock can be set.
func clocked(t *testing.T) (*rig, func(time.Duration)) {
	t.Helper()
	server, clock := redistest.StartWithClock(t)
	r := newRig(t, server)
	return r, func(ahead time.Duration) {
		r.Helper()
		r.ok(clock.Set(ahead), "set the clock")
		r.until("the server's clock is set", func() bool {
			now, err := r.redis.Time(r.ctx).Result()
			return err == nil && time.Until(now)-ahead < time.Minute && ahead-time.Until(now) < time.Minute
		})
	}
}

// TestClockGoesBack sets the server's clock back by an hour. What was due before is delivered at its time;
// what a dead process held is taken over, and its ownership too, after a lease; Health tells of it.
func TestClockGoesBack(t *testing.T) {
	t.Parallel()
	for _, exclusive := range []bool{false, true} {
		t.Run(fmt.Sprint("Exclusive=", exclusive), func(t *testing.T) {
			t.Parallel()
			r, set := clocked(t)
			in := sub("in", &Step{})
			in.Lease, in.Exclusive = 4*time.Second, exclusive
			proxy := redistest.StartProxy(t, r.server.Addr())
			dead := r.subscribe(r.openAt(proxy.URL()), in)[0]
			b := r.open()
			r.publish(b, steps(0, 3)...)
			ds := dead.take(3)
			dead.settle(retry(ds[0], 5*time.Second))
			proxy.Refuse(true) // it dies with two deliveries in its hands
			proxy.Cut()
			c := r.subscribe(b, in)[0]
			c.none(time.Second)
			set(-time.Hour)
			same(r, "sum of numbers", sum(c.take(3)), 3)
			h := b.Health(r.ctx)
			if h.ClockSteps != 1 || h.ClockStep > -59*time.Minute {
				t.Errorf("health tells of %d steps, the last by %v", h.ClockSteps, h.ClockStep)
			}
		})
	}
}

// TestClockGoesForward sets the server's clock forward by an hour while a process works on deliveries.
// Nobody takes them over: all leases seem to have run out, and have not.
func TestClockGoesForward(t *testing.T) {
	t.Parallel()
	for _, exclusive := range []bool{false, true} {
		t.Run(fmt.Sprint("Exclusive=", exclusive), func(t *testing.T) {
			t.Parallel()
			r, set := clocked(t)
			in := sub("in", &Step{})
			in.Lease, in.Exclusive = time.Minute, exclusive
			working := r.subscribe(r.open(), in)[0]
			b := r.open()
			r.publish(b, steps(0, 3)...)
			ds := working.take(3)
			c := r.subscribe(b, in)[0]
			c.none(time.Second)
			set(time.Hour)
			c.none(3 * time.Second)
			working.ack(ds...)
			r.until("Health tells of it", func() bool { return b.Health(r.ctx).ClockSteps == 1 })
			if step := b.Health(r.ctx).ClockStep; step < 59*time.Minute {
				t.Errorf("health tells of a step by %v", step)
			}
		})
	}
}

func sum(ds []*contract.Delivery) (n int) {
	for _, d := range ds {
		n += number(d)
	}
	return n
}
