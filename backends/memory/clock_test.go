package memory

import (
	"math"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/necrostack/necrogen/runtime/contract"
)

// setWall returns what time.Now would return if somebody had set the wall clock meanwhile. A time with a
// monotonic reading has the seconds of its wall clock above 30 bits of nanoseconds, in its first word.
func setWall(t time.Time, by time.Duration) time.Time {
	*(*uint64)(unsafe.Pointer(&t)) += uint64(int64(by/time.Second)) << 30
	return t
}

// TestSetWall wants setWall to change the wall clock alone, as the tests of this file need it.
func TestSetWall(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		now := time.Now()
		set := setWall(now, by)
		if wall, monotonic := set.Round(0).Sub(now.Round(0)), set.Sub(now); wall != by || monotonic != 0 {
			t.Errorf("the wall clock was set by %v, the monotonic clock by %v, want %v and 0", wall, monotonic, by)
		}
	}
}

// TestLeasesGoByTheMonotonicClock sets the wall clock forward and back while a delivery is leased and a
// retry waits: the lease ends and the retry comes when they would have without that.
func TestLeasesGoByTheMonotonicClock(t *testing.T) {
	for name, by := range map[string]time.Duration{"Forward": time.Hour, "Back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			real := time.Now() // times of synctest have no monotonic reading
			synctest.Test(t, func(t *testing.T) {
				const lease, delay = time.Minute, 20 * time.Second
				b := New()
				defer b.Close()
				start, set := time.Now(), time.Duration(0)
				b.made = real.Add(-1)
				b.clock = func() time.Time { return setWall(real.Add(time.Since(start)), set) }
				event := &contract.EventType{Name: "EVENT", Version: 1}
				cs, err := b.Subscribe(t.Context(), []contract.Subscription{{Organ: "organ", Path: "example.com/organ", Events: []*contract.EventType{event}, Lease: lease}})
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					if _, err := b.PublishOne(t.Context(), contract.Message{ID: contract.NewID(), Type: event}, contract.PublishOptions{}); err != nil {
						t.Fatal(err)
					}
				}
				ds, err := cs[0].Fetch(t.Context(), 2)
				if err != nil || len(ds) != 2 {
					t.Fatalf("fetched %d deliveries, error %v", len(ds), err)
				}
				if _, err := cs[0].Settle(t.Context(), []contract.Outcome{{Delivery: &ds[0], Kind: contract.OutcomeRetry, Delay: delay}}); err != nil {
					t.Fatal(err)
				}
				set = by
				for _, want := range []time.Duration{delay, lease} { // the retry, and what was leased
					if _, err := cs[0].Fetch(t.Context(), 1); err != nil {
						t.Fatal(err)
					}
					if came := time.Since(start); came != want {
						t.Errorf("a delivery came after %v, want %v", came, want)
					}
				}
			})
		})
	}
}

// TestInstants holds the ends of what instants count: 0 stands for none, and what lies beyond the last
// one is the last one.
func TestInstants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no time passes
		b := New()
		defer b.Close()
		if now := b.now(); now <= 0 {
			t.Errorf("the first instant is %d, want more than 0", now)
		}
		for _, step := range []struct {
			from  instant
			delay time.Duration
			want  instant
		}{
			{5, 0, 5},
			{5, -1, 5},
			{5, 7, 12},
			{5, math.MaxInt64, math.MaxInt64},
			{math.MaxInt64, time.Second, math.MaxInt64},
		} {
			if got := step.from.after(step.delay); got != step.want {
				t.Errorf("%d after %d is %d, want %d", step.delay, step.from, got, step.want)
			}
		}
	})
}
