package ticks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/runtime/contract"
)

// tick is an event with a schedule.
type tick struct {
	of     *contract.EventType
	broken error // what Validate returns
}

func (e *tick) NecroEvent() *contract.EventType               { return e.of }
func (e *tick) Validate() error                               { return e.broken }
func (e *tick) AppendMsgpack(b []byte) ([]byte, error)        { return append(b, 0x80), nil }
func (e *tick) ReadMsgpack(b []byte) (rest []byte, err error) { return b[1:], nil }

func newType(every contract.Schedule, broken error) *contract.EventType {
	t := &contract.EventType{Name: "TICK", Version: 1, Every: &every}
	t.New = func() contract.Event { return &tick{t, broken} }
	return t
}

func newSchedule(t *testing.T, every contract.Schedule) *Schedule {
	t.Helper()
	s, err := New(newType(every, nil), false)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchedulesThatAreRefused(t *testing.T) {
	for want, typ := range map[string]*contract.EventType{
		"never fires":                      newType(contract.Schedule{Expression: "0 0 30 2 *"}, nil),
		"install the tz database":          newType(contract.Schedule{Expression: "@daily", Zone: "Mars/Base"}, nil),
		"breaks its own rules: no address": newType(contract.Schedule{Expression: "@daily"}, errors.New("no address")),
	} {
		if _, err := New(typ, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func at(t *testing.T, text string) int64 {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v.UnixNano()
}

func TestNextFiring(t *testing.T) {
	const zone = "Europe/Berlin"
	for _, c := range []struct {
		every      contract.Schedule
		after, now string
		ticks      string // nominal times in UTC, of the first steps until none is due
		leftOut    int
	}{
		{contract.Schedule{Expression: "@hourly"}, "2026-03-01T10:00:00Z", "2026-03-01T10:59:59Z", "", 0},
		{contract.Schedule{Expression: "@hourly"}, "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z", "11:00", 0},
		{contract.Schedule{Expression: "@hourly"}, "2026-03-01T10:00:00Z", "2026-03-01T14:30:00Z", "14:00", 3},
		{contract.Schedule{Expression: "@hourly", Catchup: contract.CatchupAll}, "2026-03-01T10:00:00Z", "2026-03-01T13:30:00Z", "11:00 12:00 13:00", 0},
		{contract.Schedule{Expression: "@hourly", Catchup: contract.CatchupSkip}, "2026-03-01T10:00:00Z", "2026-03-01T13:01:00Z", "13:00", 2},
		{contract.Schedule{Expression: "@hourly", Catchup: contract.CatchupSkip}, "2026-03-01T10:00:00Z", "2026-03-01T13:01:01Z", "", 3},
		{contract.Schedule{Expression: "30 2 * * *", Zone: zone, Catchup: contract.CatchupAll}, "2026-03-28T01:30:00Z", "2026-03-30T12:00:00Z", "01:00 00:30", 0},
		{contract.Schedule{Expression: "30 2 * * *", Zone: zone, Catchup: contract.CatchupAll}, "2026-10-24T00:30:00Z", "2026-10-26T12:00:00Z", "00:30 01:30", 0},
		{contract.Schedule{Expression: "0 2 * * *", Zone: "America/New_York", Catchup: contract.CatchupAll}, "2026-03-07T07:00:00Z", "2026-03-09T07:00:00Z", "07:00 06:00", 0},
		{contract.Schedule{Expression: "30 1 * * *", Zone: "America/New_York", Catchup: contract.CatchupAll}, "2026-10-31T05:30:00Z", "2026-11-02T07:00:00Z", "05:30 06:30", 0},
	} {
		s := newSchedule(t, c.every)
		after, now := at(t, c.after), at(t, c.now)
		var ticks []string
		leftOut := 0
		for {
			f, left, ok := s.nextFiring(after, now)
			if !ok {
				break
			}
			if f.After != after || f.UpTo <= after || f.UpTo > now {
				t.Fatalf("%+v: from %d to %d", c, f.After, f.UpTo)
			}
			for _, m := range f.Ticks {
				ticks = append(ticks, m.Time().UTC().Format("15:04"))
			}
			after, leftOut = f.UpTo, leftOut+left
		}
		if got := strings.Join(ticks, " "); got != c.ticks || leftOut != c.leftOut {
			t.Errorf("%+v: %q, left out %d", c, got, leftOut)
		}
	}
}

// TestPagesOfMissedTicks: of more than a thousand the newest thousand, a hundred in a step.
func TestPagesOfMissedTicks(t *testing.T) {
	s := newSchedule(t, contract.Schedule{Expression: "1s", Catchup: contract.CatchupAll})
	after := at(t, "2026-03-01T00:00:00Z")
	now := after + 5000e9
	count, leftOut := 0, 0
	for {
		f, left, ok := s.nextFiring(after, now)
		if !ok {
			break
		}
		if len(f.Ticks) > maxTicks {
			t.Fatalf("a step of %d ticks", len(f.Ticks))
		}
		if first := f.Ticks[0].Nanos; first != now-int64(maxMissed-1-count)*1e9 {
			t.Fatalf("step from %d, %d behind the beginning", first, first-after)
		}
		count, leftOut, after = count+len(f.Ticks), leftOut+left, f.UpTo
	}
	if count != maxMissed || leftOut == 0 || after != now {
		t.Errorf("%d ticks, up to %d", count, after)
	}
}

// TestJitter: a tick waits for a time that is its own, keeps its nominal time, and is not lost meanwhile.
func TestJitter(t *testing.T) {
	s := newSchedule(t, contract.Schedule{Expression: "@hourly", Jitter: 10 * time.Minute})
	after := at(t, "2026-03-01T10:00:00Z")
	waits := map[int64]bool{}
	for range 20 {
		due := s.dueAfter(after)
		wait := due - after - int64(time.Hour)
		if wait < 0 || wait >= int64(10*time.Minute) {
			t.Fatalf("it waits %s", time.Duration(wait))
		}
		waits[wait] = true
		if _, _, ok := s.nextFiring(after, due-1); ok && wait > 0 {
			t.Errorf("it is due before its jitter has passed")
		}
		f, _, ok := s.nextFiring(after, due)
		if !ok || len(f.Ticks) != 1 || f.UpTo != after+int64(time.Hour) || f.Ticks[0].Nanos != f.UpTo {
			t.Fatalf("%+v", f)
		}
		after = f.UpTo
	}
	if len(waits) < 15 {
		t.Errorf("20 ticks wait for %d different times", len(waits))
	}
}

// counted counts the calls of a backend.
type counted struct {
	contract.TickingBackend
	asked, fired int
}

func (c *counted) FiredUpTo(ctx context.Context, schedule string, claim contract.ScheduleClaim) (contract.ScheduleState, error) {
	c.asked++
	return c.TickingBackend.FiredUpTo(ctx, schedule, claim)
}

func (c *counted) Fire(ctx context.Context, f contract.Firing) (contract.ScheduleState, error) {
	c.fired++
	return c.TickingBackend.Fire(ctx, f)
}

// newKeeper returns a keeper of one schedule over a backend.
func newKeeper(t *testing.T, b contract.TickingBackend, every contract.Schedule) *Keeper {
	return &Keeper{
		Backend: b, Schedules: []*Schedule{newSchedule(t, every)}, Log: slog.New(slog.DiscardHandler),
		Succeeded: func(*Schedule) {},
		Failed: func(ctx context.Context, _ *Schedule, err error) bool {
			t.Errorf("a call failed: %v", err)
			return false
		},
	}
}

// TestCallsOfAKeeper: one for each tick and process, and beside them one look every two minutes in which no tick is due.
func TestCallsOfAKeeper(t *testing.T) {
	for _, c := range []struct {
		expression   string
		asked, fired int // for each of the processes, in a day and a second
	}{{"1m", 1, 1 + 24*60}, {"@daily", 24 * 30, 2}} {
		synctest.Test(t, func(t *testing.T) {
			b := memory.New()
			ctx, stop := context.WithCancel(t.Context())
			list := []*counted{{TickingBackend: b}, {TickingBackend: b}, {TickingBackend: b}}
			ended := make(chan struct{})
			for _, each := range list {
				go func() {
					newKeeper(t, each, contract.Schedule{Expression: c.expression}).Run(ctx, func() {})
					ended <- struct{}{}
				}()
			}
			time.Sleep(24*time.Hour + time.Second)
			stop()
			for range list {
				<-ended
			}
			for _, each := range list {
				if each.asked > c.asked+1 || each.fired > c.fired+1 {
					t.Errorf("%s: a process asked %d times and fired %d times, at most %d and %d", c.expression, each.asked, each.fired, c.asked, c.fired)
				}
			}
			if parked := b.Health(t.Context()).Parked; len(parked) != 1 || parked[0].Parked != c.fired-1 {
				t.Errorf("%s: %+v, want %d ticks", c.expression, parked, c.fired-1)
			}
			b.Close()
		})
	}
}

// TestFullBackendLosesNoTick: the ticks wait for room, and are fired as the catch-up says.
func TestFullBackendLosesNoTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New(memory.WithLimit(1))
		typ := newType(contract.Schedule{Expression: "1m"}, nil)
		cs, err := b.Subscribe(t.Context(), []contract.Subscription{{Organ: "o", Path: "p", Events: []*contract.EventType{typ}, Lease: time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			newKeeper(t, b, contract.Schedule{Expression: "1m", Catchup: contract.CatchupAll}).Run(ctx, func() {})
			close(ended)
		}()
		begun := time.Now()
		time.Sleep(5*time.Minute + time.Second)
		for n := 1; n <= 5; n++ {
			ds, err := cs[0].Fetch(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if want := begun.Truncate(time.Minute).Add(time.Duration(n) * time.Minute).UnixNano(); ds[0].Nanos != want {
				t.Errorf("tick %d is of %s", n, ds[0].Time())
			}
			if _, err := cs[0].Settle(t.Context(), []contract.Outcome{{Delivery: &ds[0]}}); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		<-ended
		b.Close()
	})
}

// TestJitterIsTheSameEverywhere: otherwise every tick would fire at the earliest time of all processes.
func TestJitterIsTheSameEverywhere(t *testing.T) {
	every := contract.Schedule{Expression: "@daily", Jitter: time.Hour}
	var seen []string
	for range 3 {
		seen = append(seen, fmt.Sprint(newSchedule(t, every).dueAfter(0)))
	}
	if seen[0] != seen[1] || seen[1] != seen[2] {
		t.Errorf("due at %v", seen)
	}
}

// TestReleasesAgree on the times of the release that was there first, until its last process has been gone for a while. An old
// release that comes back then fires at the new times. Each tick is there once, and none is left out at a change.
func TestReleasesAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New()
		defer b.Close()
		start := func(every contract.Schedule) (s *Schedule, stop func()) {
			k := newKeeper(t, b, every)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				k.Run(ctx, func() {})
				close(ended)
			}()
			return k.Schedules[0], func() { cancel(); <-ended }
		}
		fired := func() int {
			if parked := b.Health(t.Context()).Parked; len(parked) > 0 {
				return parked[0].Parked
			}
			return 0
		}
		hourly, halves := contract.Schedule{Expression: "@hourly"}, contract.Schedule{Expression: "30m", Catchup: contract.CatchupAll}
		want := 0
		passes := func(hours, ticks int, when string) {
			t.Helper()
			time.Sleep(time.Duration(hours) * time.Hour)
			if want += ticks; fired() != want {
				t.Fatalf("%s: %d ticks, want %d", when, fired(), want)
			}
		}
		time.Sleep(time.Minute) // to be no multiple of an hour
		_, stopOld := start(hourly)
		passes(2, 2, "the old release alone")
		other, stopOther := start(halves)
		passes(3, 3, "both")
		if other.Waits() != "the schedule 30m catchup=all of TICK comes into effect when no process that wants @hourly is alive" {
			t.Errorf("the new release waits: %q", other.Waits())
		}
		stopOld()
		_, stopOld = start(hourly) // at once: the old one is still the bound one
		passes(1, 1, "the old release has started again")
		stopOld()
		passes(2, 4, "the new release alone")
		if other.Waits() != "" {
			t.Errorf("the new release waits: %q", other.Waits())
		}
		back, stopBack := start(hourly)
		passes(2, 4, "the old release is back")
		if back.Waits() == "" {
			t.Error("the old release does not say that it waits")
		}
		stopOther()
		passes(2, 2, "the old release alone again")
		stopBack()
	})
}
