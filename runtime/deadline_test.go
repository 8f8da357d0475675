package necro_test

import (
	"context"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// A handler's deadline has a reading of the monotonic clock: what is derived from it does not end an hour
// early or late when the wall clock is set.
func TestDeadlineIsMonotonic(t *testing.T) {
	var deadline time.Time
	s, err := necro.New(memory.New(), necro.WithOrgans(&organ{
		name: "o", policy: contract.Policy{Timeout: time.Hour},
		handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
			deadline, _ = ctx.Deadline()
			return nil
		},
	}))
	if err != nil {
		t.Fatal(err)
	}
	drained(t, s)
	if left := time.Until(deadline); left < 50*time.Minute || left > time.Hour {
		t.Errorf("the deadline is in %s, want an hour", left)
	}
	if deadline == deadline.Round(0) { // Round strips the reading
		t.Errorf("the deadline %s follows the wall clock", deadline)
	}
}
