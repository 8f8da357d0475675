package necro_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Whose time ran out is told what the time went into.
func TestDrainTellsWhatTheBackendSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spine, err := necro.New(unreachable{memory.New()}, necro.WithOrgans(&Shipping{}), necro.WithLogger(nil))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = spine.Drain(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.HasSuffix(err.Error(), "the backend's last call failed: connection refused") {
			t.Errorf("got %v", err)
		}
	})
}

func TestStatsString(t *testing.T) {
	for want, stats := range map[string]necro.Stats{
		"nothing done":                       {},
		"4 published, 3 handled, 1 retried":  {Published: 4, Counts: necro.Counts{Handled: 3, Retried: 1}},
		"1 dead, 2 lost, 7 backend failures": {BackendFailures: 7, Counts: necro.Counts{Dead: 1, Lost: 2}},
	} {
		if got := stats.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
