package necrotest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// Lit does something with the fuse of a key, as its text says.
//
//necro:event key=Name
type Lit struct {
	Name string `msgpack:"name"`
	What string `msgpack:"what"`
}

// BurnedDown is the event of fuses.
//
//necro:event
type BurnedDown struct {
	What string `msgpack:"what"`
}

// Fuse is what became of a fuse.
//
//necro:state
type Fuse struct {
	Log []string `msgpack:"log"`
}

// Fuses has a timer for each key.
//
//necro:organ necrotest.fuses retry=2 backoff=1s..1s
type Fuses struct{}

// Light starts, replaces and stops the timer.
//
//necro:handle
func (*Fuses) Light(_ context.Context, f *Fuse, e *Lit) (necro.Timer[BurnedDown], necro.End) {
	f.Log = append(f.Log, e.What)
	switch {
	case strings.HasPrefix(e.What, "stop"):
		return necro.StopTimer[BurnedDown](), false
	case e.What == "end":
		return necro.Timer[BurnedDown]{}, true
	case e.What == "look":
		return necro.Timer[BurnedDown]{}, false
	}
	return necro.StartTimer(time.Minute, &BurnedDown{What: e.What}), false
}

// Burn fails for good where the fuse is wet.
//
//necro:handle
func (*Fuses) Burn(_ context.Context, f *Fuse, e *BurnedDown) error {
	f.Log = append(f.Log, e.What+" burned")
	if e.What == "wet" {
		return necro.Permanent(context.DeadlineExceeded)
	}
	return nil
}

// TestAdvanceRunsTimers: Kit.Advance lets timers fire at their time, and those that were stopped or replaced do nothing.
func TestAdvanceRunsTimers(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&Lit{"once", "dry"})
		k.Publish(&Lit{"twice", "first"})
		k.Publish(&Lit{"stopped", "dry"})
		k.Advance(30 * time.Second)
		k.Publish(&Lit{"twice", "second"})
		k.Publish(&Lit{"stopped", "stop"})
		k.Advance(30*time.Second - 1)
		wantLog(t, k, "once", "dry")
		k.Advance(1)
		wantLog(t, k, "once", "dry", "dry burned")
		wantLog(t, k, "twice", "first", "second")
		k.Advance(time.Minute)
		wantLog(t, k, "twice", "first", "second", "second burned")
		wantLog(t, k, "stopped", "dry", "stop")
		if n := len(k.Calls("necrotest.fuses")); n != 7 {
			t.Errorf("%d calls, want 5 of events and 2 of timers", n)
		}
	}, necro.WithOrgans(&Fuses{}))
}

// wantLog wants the fuse of a key to have this log.
func wantLog(t *testing.T, k *necrotest.Kit, key string, want ...string) {
	t.Helper()
	var f Fuse
	k.State(key, &f)
	if got := strings.Join(f.Log, ", "); got != strings.Join(want, ", ") {
		t.Errorf("fuse %s: %s, want %s", key, got, strings.Join(want, ", "))
	}
}

// TestFeedTellsOfTimers: what a handler starts is among its emissions, and its event is not handled.
func TestFeedTellsOfTimers(t *testing.T) {
	fed := necrotest.Feed(t, &Fuses{}, &Lit{"a", "dry"})
	outs := necrotest.Outs[BurnedDown](fed)
	if fed.Err != nil || len(outs) != 1 || outs[0].Event.What != "dry" || outs[0].After != time.Minute || outs[0].Key != "a" {
		t.Errorf("error %v, timers %+v", fed.Err, outs)
	}
	fed = necrotest.Feed(t, &Fuses{}, &Lit{"a", "stop"})
	if outs = necrotest.Outs[BurnedDown](fed); fed.Err != nil || len(outs) != 0 {
		t.Errorf("error %v, timers %+v, want none", fed.Err, outs)
	}
}

// TestExhaustTimers: timers that are replaced, stopped, fired, ended with their record, and left behind by a dead letter come
// to the same end whatever fault strikes each call of the backend.
func TestExhaustTimers(t *testing.T) {
	j := exhaust(t, "", func(w *necrotest.World) {
		w.Organs = func() []necro.Organ { return []necro.Organ{&Fuses{}} }
	}, &Lit{"fired", "dry"}, &Lit{"replaced", "first"}, &Lit{"replaced", "second"}, &Lit{"stopped", "dry"}, &Lit{"stopped", "stop"},
		&Lit{"ended", "dry"}, &Lit{"ended", "end"}, &Lit{"ended", "look"}, &Lit{"left", "wet"}, &Lit{"left", "look"})
	if said := strings.Join(j.errors, "\n"); said != "" {
		t.Errorf("reported:\n%s\n%s", said, strings.Join(j.logs, "\n"))
	}
}
