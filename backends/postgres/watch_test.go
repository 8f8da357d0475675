package postgres

import (
	"testing"
	"time"
)

// TestSlowLooksAreSeldom: looks that find nothing take a small share of the time, and no look is later than a second.
func TestSlowLooksAreSeldom(t *testing.T) {
	t.Parallel()
	for wasted, want := range map[time.Duration]time.Duration{
		0:                     watchOften,
		time.Millisecond:      watchOften,
		30 * time.Millisecond: 300 * time.Millisecond,
		time.Minute:           watchSeldom,
	} {
		w := newWatcher(&Backend{organs: map[int32]*organ{1: {number: 1}}})
		w.b.organs[1].waiting.Wait()
		w.wasted = wasted
		if pause := w.nextPause(); pause != want {
			t.Errorf("pause of %v after a look that took %v and found nothing, want %v", pause, wasted, want)
		}
	}
}
