package memory

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/cputime"
)

// TestCancelledPublishersAreLinear cancels publishers that wait, all at once. 16 times as many are to
// take 16 times as long; where each left by a search, it would be 256 times. The best of some rounds
// counts, because machines are busy.
func TestCancelledPublishersAreLinear(t *testing.T) {
	const few, times, limit = 2000, 16, 80
	best := 1e9
	for round := 0; round < 5 && best > limit; round++ {
		short, long := cancelWaiting(t, few), cancelWaiting(t, few*times)
		best = min(best, float64(long)/float64(short))
	}
	t.Logf("%d times as many take %.0f times as long", times, best)
	if best > limit {
		t.Errorf("%d times as many take %.0f times as long, want less than %d times", times, best, limit)
	}
}

// cancelWaiting returns the processor time that n calls that wait take to end.
func cancelWaiting(t *testing.T, n int) time.Duration {
	d := &door{limit: 1}
	d.countIn(1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var calls sync.WaitGroup
	for range n {
		calls.Go(func() {
			if err := d.waitForRoom(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("wait: error %v, want %v", err, context.Canceled)
			}
		})
	}
	for d.waiting.Load() < int64(n) {
		time.Sleep(time.Millisecond)
	}
	took := cputime.Of(func() {
		cancel()
		calls.Wait()
	})
	if d.calls.first != nil || d.waiting.Load() != 0 {
		t.Error("calls that ended still wait")
	}
	return took
}

// TestRoomIsPassedOn cancels a call at the moment that it is woken: the room goes to the next one.
func TestRoomIsPassedOn(t *testing.T) {
	for range 200 {
		d := &door{limit: 1}
		d.countIn(1)
		ctx, cancel := context.WithCancel(t.Context())
		var first, second sync.WaitGroup
		first.Go(func() {
			if d.waitForRoom(ctx) == nil && d.countIn(1) {
				d.countOut(1)
			}
		})
		for d.waiting.Load() < 1 {
			time.Sleep(time.Microsecond)
		}
		second.Go(func() {
			for !d.countIn(1) {
				if err := d.waitForRoom(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
		for d.waiting.Load() < 2 {
			time.Sleep(time.Microsecond)
		}
		go cancel()
		d.countOut(1)
		first.Wait()
		second.Wait()
		cancel()
	}
}
