package topology

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// shop is a release: an organ with state, a timer and lanes, and one without.
func shop() *File {
	f := NewFile("example.com/shop", "v1")
	f.Events = []Event{
		{Name: "PLACED", Aliases: []string{"ORDERED"}, Version: 3, Shape: "c", Upcasts: []Version{{Version: 2, Shape: "b", Aliases: []string{"ORDERED"}}}},
		{Name: "ABROAD", Version: 2, Foreign: true}, {Name: "REMIND", Version: 1, Every: "1h"}, {Name: "BILLED", Version: 1, Output: true},
	}
	f.Organs = []Organ{
		{Name: "Desk", Aliases: []string{"Counter"}, Lanes: 4, Order: "key", State: "ORDER", Handles: []string{"PLACED", "REMIND"}, Emits: []string{"BILLED"}, Timers: []string{"REMIND"}},
		{Name: "Press", Handles: []string{"PLACED", "ABROAD"}},
	}
	f.States = []State{{Name: "ORDER", Organ: "Desk", Version: 2, Upcasts: []Version{{Version: 1}}}}
	return f
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// running is the system that the shop runs on, with things that are stored.
func running(stored ...StoredEvents) *Snapshot {
	s := &Snapshot{Taken: noon, KeepsLanes: true, Stored: stored, Organs: []BoundOrgan{
		{Name: "Counter", Events: []string{"ORDERED", "REMIND", "REMIND@Counter"}, Policy: &BoundPolicy{Order: "key", Lanes: 4}},
		{Name: "Press", Events: []string{"PLACED", "ORDERED"}, Policy: &BoundPolicy{}},
	}}
	for i := range s.Stored {
		s.Stored[i].Count, s.Stored[i].Oldest = 2, noon.Add(-time.Hour)
	}
	return s
}

func linesOf(found []Finding) string {
	var b strings.Builder
	for _, f := range found {
		grade := "note"
		if f.Severe {
			grade = "error"
		}
		fmt.Fprintf(&b, "%s %s %s %s %d [%s] %.60s\n", grade, f.Kind, f.Organ, f.Event, f.Version, f.Text(), f.Problem)
	}
	return b.String()
}

func TestProve(t *testing.T) {
	for name, test := range map[string]struct {
		system *Snapshot
		want   string
	}{
		"all is well": {running(
			StoredEvents{Organ: "Counter", Event: "ORDERED", Version: 2, Place: PlaceWaiting},
			StoredEvents{Organ: "Press", Event: "PLACED", Version: 3, Place: PlaceDead},
			StoredEvents{Event: "REMIND@Counter", Version: 1, Place: PlaceScheduled},
			StoredEvents{Organ: "Counter", Event: "REMIND@Desk", Version: 1, Place: PlaceWaiting},
			StoredEvents{Event: "BILLED", Version: 7, Place: PlaceParked},
		), ""},
		"an old version": {running(StoredEvents{Organ: "Press", Event: "PLACED", Version: 1, Place: PlaceWaiting}, StoredEvents{Organ: "Press", Event: "PLACED", Version: 1, Place: PlaceDead}),
			"error unread Press PLACED 1 [2 waiting, 2 dead] the release reads versions 2, 3, and no upcast leads from th\n"},
		"a version of another module": {running(StoredEvents{Organ: "Press", Event: "ABROAD", Version: 1, Place: PlaceWaiting}),
			"note unread Press ABROAD 1 [2 waiting] the event is of another module, whose older versions necroge\n"},
		"an organ under its first name": {func() *Snapshot {
			s := running(StoredEvents{Organ: "Later", Event: "PLACED", Version: 3, Place: PlaceWaiting})
			s.Organs = append(s.Organs, BoundOrgan{Name: "Later", Identity: "Press"})
			return s
		}(), ""},
		"a new version": {running(StoredEvents{Event: "PLACED", Version: 4, Place: PlaceScheduled}),
			"error unread  PLACED 4 [2 scheduled] the release knows versions 2, 3, and this one is newer\n"},
		"a removed event": {running(StoredEvents{Organ: "Press", Event: "GONE", Version: 1, Place: PlaceWaiting}),
			"error unread Press GONE 1 [2 waiting] the release knows no event of this name or this alias\n"},
		"a timer of an organ that has none": {running(StoredEvents{Organ: "Press", Event: "REMIND@Press", Version: 1, Place: PlaceWaiting}),
			"error unhandled Press REMIND@Press 1 [2 waiting] the release has no handler for it\n"},
		"a timer of an organ that is gone": {running(StoredEvents{Event: "REMIND@Gone", Version: 1, Place: PlaceScheduled}),
			"error orphaned Gone  0 [2 scheduled] no organ of the release has this name or this alias: nobody \n"},
		"a delayed event that no organ handles": {running(StoredEvents{Event: "BILLED@", Version: 1, Place: PlaceScheduled}, StoredEvents{Event: "OLD", Version: 1, Place: PlaceParked}),
			"error unhandled  BILLED@ 1 [2 scheduled] the release has no handler for it\nerror unread  OLD 1 [2 parked] the release knows no event of this name or this alias\n"},
	} {
		if got := linesOf(Prove(NewRelease(shop()), test.system)); got != test.want {
			t.Errorf("%s:\n%swant\n%s", name, got, test.want)
		}
	}
}

// TestProveBindings: what is bound in another way is told, and is no error; a binding without a handler is one.
func TestProveBindings(t *testing.T) {
	s := running()
	s.Organs[1].Policy.Order = "strict"
	s.Organs[1].Events = append(s.Organs[1].Events, "BILLED", "NEVER_HEARD_OF")
	s.Schedules = []BoundSchedule{{"REMIND", "2h"}, {"GONE", "1h"}}
	s.States = []StoredStates{{"Counter", 1, 5}, {"Counter", 3, 6}, {"Press", 1, 7}}
	want := `error orphaned Press  1 [7 states] the organ keeps no state in the release
error unread Counter  3 [6 states] the release cannot read records of version 3 of the state OR
error unhandled Press BILLED 0 [] the organ stays bound to it, and has no handler for it in th
`
	got := Prove(NewRelease(shop()), s)
	lines := linesOf(got)
	for line := range strings.Lines(want) {
		if !strings.Contains(lines, line) {
			t.Errorf("no line %s:\n%s", line, lines)
		}
	}
	for _, line := range []string{
		"note orphaned  GONE 0 [] no event of the release has this schedule, 1h",
		"note differs  REMIND 0 [] it is published by 2h, and the release wants 1h",
		"note differs Press  0 [] it is bound with order=strict, and the release wants no orde",
		"note unhandled Press NEVER_HEARD_OF 0 []",
	} {
		if !strings.Contains(lines, line) {
			t.Errorf("no line %s:\n%s", line, lines)
		}
	}
	if len(got) != 7 {
		t.Errorf("%d findings, want 7:\n%s", len(got), lines)
	}
}

// TestWantedOrder is what the runtime asks a backend for.
func TestWantedOrder(t *testing.T) {
	state := &State{}
	for _, test := range []struct {
		organ releasedOrgan
		lanes bool
		want  string
	}{
		{releasedOrgan{}, true, "no order"},
		{releasedOrgan{state: state}, true, "order=key exclusive"},
		{releasedOrgan{state: state, Organ: Organ{Order: "key", Lanes: 4}}, true, "order=key lanes=4"},
		{releasedOrgan{state: state, Organ: Organ{Order: "key", Lanes: 4}}, false, "order=key exclusive"},
		{releasedOrgan{Organ: Organ{Order: "strict", Exclusive: true}}, true, "order=strict exclusive"},
	} {
		if got := test.organ.wanted(test.lanes).Text(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.organ.Organ, got, test.want)
		}
	}
}

func TestProveRollback(t *testing.T) {
	former := shop()
	former.Organs[0].Name, former.Organs[0].Aliases = "Counter", nil
	former.States[0] = State{Name: "ORDER", Organ: "Counter", Version: 1}
	former.Events[0] = Event{Name: "ORDERED", Version: 2}
	former.Organs[0].Handles, former.Organs[1].Handles = []string{"ORDERED", "REMIND"}, []string{"ORDERED", "ABROAD"}
	now := shop()
	now.Organs = append(now.Organs, Organ{Name: "New", Handles: []string{"REMIND"}})
	want := `error rollback Desk  2 [] the former release cannot read version 2 of the state ORDER:
error rollback Desk PLACED 3 [] the former release knows no event of this name: after a roll
error rollback Desk REMIND@Desk 1 [] the former release has no handler for it: after a rollback i
error rollback Press PLACED 3 [] the former release knows no event of this name: after a roll
note rollback New  0 [] the former release does not have the organ: after a rollback
`
	if got := linesOf(ProveRollback(NewRelease(now), NewRelease(former))); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := linesOf(ProveRollback(NewRelease(shop()), NewRelease(shop()))); got != "" {
		t.Errorf("a rollback to itself:\n%s", got)
	}
	reshaped := shop()
	reshaped.Events[0].Shape = "d"
	if got := linesOf(ProveRollback(NewRelease(reshaped), NewRelease(shop()))); !strings.HasPrefix(got, "note rollback Desk PLACED 3 [] its fields have changed") {
		t.Errorf("another shape:\n%s", got)
	}
}
