package necrotest_test

import (
	"context"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// Nightly is published every night.
//
//necro:event
//necro:every "30 2 * * *" tz=Europe/Berlin
type Nightly struct{}

// Hourly is published every hour.
//
//necro:event
//necro:every @hourly catchup=all jitter=5m
type Hourly struct{}

// Clockwork is an organ of schedules.
//
//necro:organ clockwork
type Clockwork struct{}

// Night emits what the books take.
//
//necro:handle
func (Clockwork) Night(ctx context.Context, _ *Nightly) (*Paid, error) {
	meta, _ := necro.MetaFrom(ctx)
	return &Paid{meta.Due.Format("2006-01-02 15:04")}, nil
}

// Hour does nothing.
//
//necro:handle
func (Clockwork) Hour(context.Context, *Hourly) error { return nil }

// TestAdvanceFiresTicks in virtual time, which begins on 2000-01-01 at midnight in UTC. The clock of Berlin is set on 2000-03-26.
func TestAdvanceFiresTicks(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Advance(24 * time.Hour)
		nights := necrotest.Events[Nightly](k)
		if len(nights) != 1 {
			t.Errorf("%d nights in a day, want 1", len(nights))
		}
		if hours := necrotest.Events[Hourly](k); len(hours) != 23 && len(hours) != 24 { // the last one may wait
			t.Errorf("%d hours in a day", len(hours))
		}
		for range 3 { // no process runs in between, and a schedule is forgotten after 30 days
			time.Sleep(27 * 24 * time.Hour)
			k.Drain()
		}
		time.Sleep(2 * 24 * time.Hour)
		k.Advance(3 * 24 * time.Hour)
		due := map[string]bool{}
		for _, c := range k.Calls("clockwork") {
			text := c.Due.UTC().Format("2006-01-02 15:04")
			if c.Due.IsZero() || due[c.Type+text] {
				t.Errorf("a tick of %s, %s, which was there before", c.Type, text)
			}
			due[c.Type+text] = true
			if late := c.After - c.Due.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); late < 0 {
				t.Errorf("%s of %s came %s after its time", c.Type, text, late)
			}
		}
		for _, want := range []string{"NIGHTLY2000-03-25 01:30", "NIGHTLY2000-03-26 01:00", "NIGHTLY2000-03-27 00:30", "HOURLY2000-01-02 01:00", "HOURLY2000-03-26 01:00"} {
			if !due[want] {
				t.Errorf("no tick of %s", want)
			}
		}
		if nights := necrotest.Events[Nightly](k); len(nights) != 8 { // one, the newest that was missed four times, and three
			t.Errorf("%d nights, want 8", len(nights))
		}
	}, necro.WithOrgans(&Clockwork{}))
}

// TestDrainLeavesTicksOfTheFuture, and fires those that are due when it begins.
func TestDrainLeavesTicksOfTheFuture(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Drain()
		if n := len(k.Calls("clockwork")); n != 0 {
			t.Errorf("%d calls before any time passed", n)
		}
		time.Sleep(3*time.Hour + 10*time.Minute)
		start := time.Now()
		k.Drain()
		if hours := necrotest.Events[Hourly](k); len(hours) != 3 || time.Since(start) > time.Minute {
			t.Errorf("%d hours were caught up in %s, want 3", len(hours), time.Since(start))
		}
	}, necro.WithOrgans(&Clockwork{}))
}

// TestExhaustTicks: with one fault at each call of the backend, each tick comes once and with the same id.
func TestExhaustTicks(t *testing.T) {
	faults := necrotest.Exhaust(t, func(w *necrotest.World) {
		w.Organs = func() []contract.Organ { return []contract.Organ{&Clockwork{}, &Books{}} }
	})
	if faults < 40 {
		t.Errorf("%d faults, want those of the calls of two schedules, too", faults)
	}
}
