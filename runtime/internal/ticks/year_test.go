package ticks

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestAYearOfTicks in virtual time, which begins with the year 2000: both changes of the clock in two zones, a leap day and ends of
// months, while processes come and go. Each tick is there once, also those of times in which no process ran.
func TestAYearOfTicks(t *testing.T) {
	for _, c := range []struct {
		expression, zone string
		ticks            int
		among            []string
	}{
		{"30 2 * * *", "Europe/Berlin", 366, []string{"2000-03-25T01:30:00Z", "2000-03-26T01:00:00Z", "2000-03-27T00:30:00Z",
			"2000-10-28T00:30:00Z", "2000-10-29T00:30:00Z", "2000-10-30T01:30:00Z"}},
		{"30 2 * * *", "America/New_York", 366, []string{"2000-04-01T07:30:00Z", "2000-04-02T07:00:00Z", "2000-04-03T06:30:00Z"}},
		{"30 1 * * *", "America/New_York", 366, []string{"2000-10-28T05:30:00Z", "2000-10-29T05:30:00Z", "2000-10-30T06:30:00Z"}},
		{"0 0 29 2 *", "", 1, []string{"2000-02-29T00:00:00Z"}},
		{"0 12 31 * *", "", 7, []string{"2000-01-31T12:00:00Z", "2000-03-31T12:00:00Z", "2000-12-31T12:00:00Z"}},
		{"@monthly", "Europe/Berlin", 12, []string{"2000-02-29T23:00:00Z", "2000-12-31T23:00:00Z"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			every := contract.Schedule{Expression: c.expression, Zone: c.zone, Catchup: contract.CatchupAll}
			got := ticksOfAYear(t, every)
			if len(got) != c.ticks || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
				t.Errorf("%s: %d ticks from %s to %s, want %d", every.String(), len(got), got[0], got[len(got)-1], c.ticks)
			}
			for _, want := range c.among {
				if !slices.Contains(got, want) {
					t.Errorf("%s: no tick of %s", every.String(), want)
				}
			}
		})
	}
}

// ticksOfAYear returns the nominal times of the ticks that are stored in a year.
func ticksOfAYear(t *testing.T, every contract.Schedule) (times []string) {
	b := memory.New()
	defer b.Close()
	sub := contract.Subscription{Organ: "o", Path: "p", Events: []*contract.EventType{newType(every, nil)}, Lease: 1000 * time.Hour}
	cs, err := b.Subscribe(t.Context(), []contract.Subscription{sub})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(2000, 1))
	upTo := func(most time.Duration) time.Duration { return time.Duration(random.Int64N(int64(most))) }
	end := time.Now().AddDate(1, 0, 0)
	keepFor(t, b, every, time.Minute) // it begins
	for time.Now().Before(end) {
		var processes sync.WaitGroup
		for range 1 + random.IntN(3) {
			begins, lives := upTo(12*time.Hour), upTo(24*time.Hour)
			processes.Go(func() {
				time.Sleep(begins)
				keepFor(t, b, every, min(lives, time.Until(end)))
			})
		}
		processes.Wait()
		time.Sleep(min(upTo(20*24*time.Hour), time.Until(end)))
	}
	keepFor(t, b, every, time.Minute)
	for len(times) == 0 || b.Health(t.Context()).Organs[0].Ready > 0 {
		ds, err := cs[0].Fetch(t.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i := range ds {
			times = append(times, ds[i].Time().UTC().Format(time.RFC3339))
		}
	}
	return times
}

// keepFor keeps a schedule for a while, as a process does.
func keepFor(t *testing.T, b *memory.Backend, every contract.Schedule, d time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), max(d, time.Minute))
	defer cancel()
	newKeeper(t, b, every).Run(ctx, func() {})
}
