package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

func TestJitterStaysBetweenItsBounds(t *testing.T) {
	const low, high = 100 * time.Millisecond, 3 * time.Second
	for n := range 80 {
		top := high
		if n < 5 {
			top = low << n
		}
		for range 200 {
			if d := jitterBelow(low, high, n); d < low || d > top {
				t.Fatalf("after %d attempts the delay is %s, want %s to %s", n, d, low, top)
			}
		}
	}
	if d := jitterBelow(time.Second, time.Second, 9); d != time.Second {
		t.Errorf("equal bounds give %s", d)
	}
}

func TestRetryAfterWinsOverBackoff(t *testing.T) {
	p := contract.Policy{BackoffMin: time.Second, BackoffMax: time.Minute}
	for _, asked := range []time.Duration{time.Hour, 0} {
		f := &failure{err: fmt.Errorf("call: %w", &RetryAfterError{errors.New("busy"), asked}), reason: contract.ReasonExhausted}
		f.freezeError(t.Context())
		if d := f.retryDelay(&p, 1); d != asked {
			t.Errorf("a delay of %s that was asked for gives %s", asked, d)
		}
	}
}

func TestBatchesFollowTheSpeedOfHandlers(t *testing.T) {
	const most = 128
	for _, c := range []struct {
		name      string
		size, ran int
		took      time.Duration
		want      int
	}{
		{"fast ones double", 8, 8, 10 * time.Microsecond, 16},
		{"up to the most", most, most, time.Microsecond, most},
		{"slow ones come alone", 64, 64, time.Second, 1},
		{"what fits the time", 64, 64, 2 * batchTime, 32},
		{"no time measured", 4, 1, 0, 8},
		{"nothing ran", 4, 0, time.Second, 1},
	} {
		if got := nextBatchSize(c.size, most, c.ran, c.took); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestCoarseClockFollowsTimeAndRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		for range 20 {
			now, told := time.Now().UnixNano(), c.Now()
			if age := time.Duration(now - told); age < 0 || age > 2*clockTick {
				t.Fatalf("the time is %s old", age)
			}
			time.Sleep(clockTick / 3)
		}
		time.Sleep(time.Hour)
		if c.nanos.Load() != 0 {
			t.Error("the clock goes on though nobody asks")
		}
		if age := time.Now().UnixNano() - c.Now(); age != 0 {
			t.Errorf("after a rest the time is %s old", time.Duration(age))
		}
	})
}

func TestBreakerTripsAndTriesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &breaker{limit: 2, pause: time.Minute}
		fail := &failure{err: errors.New("down"), reason: contract.ReasonExhausted}
		permanent := permanentFailure(contract.ReasonPermanent, errors.New("bad event"))
		if b.noteOutcome(contract.OutcomeRetry, fail) || b.noteOutcome(contract.OutcomeDead, permanent) {
			t.Fatal("tripped after one failure")
		}
		if !b.noteOutcome(contract.OutcomeRetry, fail) {
			t.Fatal("did not trip after two failures with a permanent one between them")
		}
		if n, wait := b.admitFetch(10); n != 0 || wait != time.Minute {
			t.Errorf("open breaker admits %d, waits %s", n, wait)
		}
		time.Sleep(time.Minute)
		if n, _ := b.admitFetch(10); n != 1 {
			t.Errorf("after the pause %d are admitted, want the trial", n)
		}
		if n, wait := b.admitFetch(10); n != 0 || wait == 0 {
			t.Errorf("beside the trial %d are admitted", n)
		}
		if !b.noteOutcome(contract.OutcomeRetry, fail) {
			t.Error("a failed trial does not open the breaker again")
		}
		time.Sleep(time.Minute)
		b.admitFetch(10)
		b.noteOutcome(contract.OutcomeAck, nil)
		if n, _ := b.admitFetch(10); n != 10 || b.isOpen() {
			t.Errorf("after a good trial %d are admitted", n)
		}
	})
}

// releases is a consumer to which deliveries are handed back.
type releases struct{ contract.Consumer }

func (releases) Release(context.Context, []*contract.Delivery) error { return nil }

// A trial that is handed back did not run: the breaker waits for another one.
func TestBreakerTakesBackATrial(t *testing.T) {
	o := &Organ{consumer: releases{}}
	o.breaker.limit, o.breaker.until = 1, time.Now().Add(-time.Second)
	for i := range 2 {
		if n, wait := o.breaker.admitFetch(10); n != 1 {
			t.Errorf("trial %d: admits %d, waits %s", i+1, n, wait)
		}
		o.handBack(&Run{Settling: t.Context(), engine: new(Engine)}, []*contract.Delivery{{}})
	}
}

// TestCountsBelowZero: what a broken backend counts below 0 is refused, and nothing that computes
// with it panics.
func TestCountsBelowZero(t *testing.T) {
	r := &Route{}
	for _, d := range []contract.Delivery{
		{Message: contract.Message{Hops: -1}}, {Attempts: -2}, {Declines: -1}, {Crashes: -1},
	} {
		if f := r.refuseDelivery(&d); f == nil || f.reason != contract.ReasonUndecodable {
			t.Errorf("%+v: %v, want it to be undecodable", d, f)
		}
	}
	for _, n := range []int32{-1, -64, math.MinInt32, math.MaxInt32} {
		if d := jitterBelow(time.Second, time.Minute, int(n)); d < time.Second || d > time.Minute {
			t.Errorf("jitter of %d: %v", n, d)
		}
		if d := declineDelay(n); d < firstDecline || d > time.Minute*2 {
			t.Errorf("delay of %d declines: %v", n, d)
		}
	}
}
