package redisstream_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// schedule puts count deliveries into the schedule that are due, like the one that waits there.
func (r *rig) schedule(count int) {
	r.Helper()
	like, err := r.redis.ZRange(r.ctx, r.key("due"), 0, 0).Result()
	r.ok(err, "read the schedule")
	pipe := r.redis.Pipeline()
	for i := range count {
		member := bytes.Clone([]byte(like[0]))
		binary.BigEndian.PutUint32(member[bytes.IndexByte(member, 0)+1:], uint32(i)) // in the delivery id
		pipe.ZAdd(r.ctx, r.key("due"), redis.Z{Score: 1, Member: member})
	}
	pipe.HIncrBy(r.ctx, r.key("n"), "due o", int64(count))
	_, err = pipe.Exec(r.ctx)
	r.ok(err, "schedule")
}

// TestBacklogOfTheScheduleEndsNoLease: while thousands of deliveries are moved that are due,
// the leases are renewed of what waits in the process.
func TestBacklogOfTheScheduleEndsNoLease(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	b := r.openAt(proxy.URL())
	s := sub("o", &Step{})
	s.Lease, s.Exclusive = 3*time.Second, true // of another organ, what waits would be offered to other processes
	c := r.subscribe(b, s)[0]
	r.publish(b, steps(0, 3)...)
	c.settle(retry(c.take(1)[0], time.Hour))
	running := c.take(1) // so the third waits in the process
	proxy.Delay(5 * time.Millisecond)
	r.schedule(48000)
	worst, start := time.Duration(0), time.Now()
	r.until("the schedule is empty", func() bool {
		pending, err := r.redis.XPendingExt(r.ctx, &redis.XPendingExtArgs{
			Stream: r.key("q:o"), Group: "necro", Start: "-", End: "+", Count: 1,
		}).Result()
		r.ok(err, "xpending")
		worst = max(worst, pending[0].Idle)
		return r.do("ZCARD", r.key("due")).(int64) == 1
	})
	// Without renewals the entry would get as old as all of it takes. A loaded machine renews late.
	if took := time.Since(start); worst >= s.Lease && worst > took/2 {
		t.Errorf("an entry was not renewed for %v of %v, with a lease of %v", worst, took, s.Lease)
	}
	proxy.Delay(0)
	c.settle(ack(running[0]))
}

// TestTwinsInTheSchedule stores a message twice, as a publisher can who does not know that it was
// stored. Both fail as often, and are one thing to the schedule: it is counted once, too.
func TestTwinsInTheSchedule(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("o", &Step{}))[0]
	msgs := steps(0, 1)
	r.publish(b, msgs[0], msgs[0])
	ds := c.take(2)
	c.settle(retry(ds[0], time.Hour), retry(ds[1], 2*time.Hour))
	same(r, "in the schedule", r.do("ZCARD", r.key("due")).(int64), 1)
	same(r, "scheduled", r.health(b, "o").Scheduled, 1)
}
