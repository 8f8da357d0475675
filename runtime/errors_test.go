package necro

import (
	"errors"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// A delay below zero is none, and no error stays none.
func TestRetryAfterTellsTheEngine(t *testing.T) {
	busy := errors.New("busy")
	for asked, want := range map[time.Duration]time.Duration{time.Hour: time.Hour, -1: 0} {
		var told *engine.RetryAfterError
		if err := RetryAfter(busy, asked); !errors.As(err, &told) || told.Delay != want || !errors.Is(err, busy) {
			t.Errorf("RetryAfter(%s) is %#v, want a delay of %s", asked, err, want)
		}
	}
	if err := RetryAfter(nil, time.Hour); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}
