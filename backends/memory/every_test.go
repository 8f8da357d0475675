package memory

import (
	"context"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestScheduleIsRememberedFor30Days without a call that names it, and no longer.
func TestScheduleIsRememberedFor30Days(t *testing.T) {
	b := New()
	defer b.Close()
	now := time.Now()
	b.clock = func() time.Time { return now }
	start := now.UnixNano()
	if state, err := b.Fire(context.Background(), contract.Firing{Schedule: "s", UpTo: start}); err != nil || !state.Fired {
		t.Fatal(state, err)
	}
	for range 3 { // each call counts anew
		now = now.Add(contract.ScheduleMemory)
		if state, err := b.FiredUpTo(context.Background(), "s", contract.ScheduleClaim{}); err != nil || state.FiredUpTo != start {
			t.Fatalf("after 30 days: %+v, %v", state, err)
		}
	}
	now = now.Add(contract.ScheduleMemory + time.Second)
	if _, err := b.FiredUpTo(context.Background(), "other", contract.ScheduleClaim{}); err != nil {
		t.Fatal(err)
	}
	if len(b.every) != 0 {
		t.Errorf("%d schedules are kept", len(b.every))
	}
	if state, err := b.FiredUpTo(context.Background(), "s", contract.ScheduleClaim{}); err != nil || state.FiredUpTo != 0 {
		t.Errorf("after more than 30 days: %+v, %v", state, err)
	}
}
