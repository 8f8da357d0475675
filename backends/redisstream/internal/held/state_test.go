package held

import (
	"strings"
	"testing"
)

// everyState lists the states in the order of the columns of everyTransition.
var everyState = []State{Unread, Waiting, Ready, Out, Offered, Settled, Aside, Moved, Gone}

// everyTransition has a row for each event and a column for each state before it. A dot is a refusal.
const everyTransition = `
            Unread  Waiting Ready   Out     Offered Settled Aside   Moved   Gone
read        Waiting .       .       .       .       .       .       .       .
take        .       Out     Out     .       .       .       .       .       .
give back   .       .       .       Waiting .       .       .       .       .
pass        .       Ready   .       .       .       .       .       .       .
hold        .       .       Waiting .       .       .       .       .       .
set aside   .       Aside   Aside   .       .       .       .       .       .
offer       .       Offered Offered .       .       .       .       .       .
keep        .       .       .       .       Waiting .       .       .       .
move        .       .       .       .       Moved   .       .       .       .
settle      Settled Settled Settled Settled Settled .       .       .       .
lose        Gone    Gone    Gone    Gone    Gone    .       .       .       .
`

// everyEvent names the events as the package comment does.
var everyEvent = map[string]event{"read": read, "take": take, "give back": giveBack, "pass": pass, "hold": hold, "set aside": setAside,
	"offer": offer, "keep": keep, "move": move, "settle": settle, "lose": lose}

// TestTransitions lets each event happen to a message in each state, at several places of a pack whose other messages
// have the other states. These keep their states.
func TestTransitions(t *testing.T) {
	rows := strings.Split(strings.Trim(everyTransition, "\n"), "\n")
	for i, name := range strings.Fields(rows[0]) {
		if everyState[i].String() != name {
			t.Fatalf("column %d is %s, want %s", i, name, everyState[i])
		}
	}
	if len(rows)-1 != len(everyEvent) || len(everyEvent) != len(transitions) {
		t.Fatalf("%d rows, %d events, %d rows of the code: an event is not tested", len(rows)-1, len(everyEvent), len(transitions))
	}
	for _, row := range rows[1:] {
		event, known := everyEvent[strings.TrimSpace(row[:12])]
		if !known {
			t.Fatalf("%q is no event", row[:12])
		}
		for i, want := range strings.Fields(row[12:]) {
			for _, size := range []int{1, 9, 64} {
				for _, index := range []int{0, size / 2, size - 1} {
					changeOne(t, event, everyState[i], want, size, index)
				}
			}
		}
	}
}

// changeOne lets an event happen to a message of a pack.
func changeOne(t *testing.T, event event, before State, want string, size, index int) {
	t.Helper()
	e := &Entry{Size: size}
	for i := range size {
		e.states.set(1<<i, everyState[(i+int(event))%len(everyState)])
	}
	others := *e
	e.states.set(1<<index, before)
	changed := e.changeState(index, event)
	if want == "." {
		if changed || e.StateOf(index) != before {
			t.Errorf("%s, event %d: it is %s behind it, want a refusal", before, event, e.StateOf(index))
		}
	} else if !changed || e.StateOf(index).String() != want {
		t.Errorf("%s, event %d: it is %s behind it, want %s", before, event, e.StateOf(index), want)
	}
	for i := range size {
		if i != index && e.StateOf(i) != others.StateOf(i) {
			t.Errorf("event %d of message %d: message %d is %s, was %s", event, index, i, e.StateOf(i), others.StateOf(i))
		}
	}
}

// TestQuestionsAboutAnEntry asks about packs of two messages in each pair of states.
func TestQuestionsAboutAnEntry(t *testing.T) {
	done := func(s State) bool { return s == Settled || s == Aside || s == Moved }
	for _, a := range everyState {
		for _, b := range everyState {
			e := &Entry{Size: 2}
			e.states.set(1, a)
			e.states.set(2, b)
			if got, want := e.HasDone(), done(a) || done(b); got != want {
				t.Errorf("%s, %s: a message is done: %v", a, b, got)
			}
			if got, want := e.IsFinished(), done(a) && done(b); got != want {
				t.Errorf("%s, %s: finished: %v", a, b, got)
			}
			if got, want := e.IsLeased(), !(done(a) || a == Gone) || !(done(b) || b == Gone); got != want {
				t.Errorf("%s, %s: leased: %v", a, b, got)
			}
			if got, want := e.IsIdle(), a != Out && b != Out; got != want {
				t.Errorf("%s, %s: idle: %v", a, b, got)
			}
			for _, s := range everyState {
				want := uint64(0)
				if a == s {
					want |= 1
				}
				if b == s {
					want |= 2
				}
				if got := e.In(s); got != want {
					t.Errorf("%s, %s: messages %b are %s, want %b", a, b, got, s, want)
				}
			}
		}
	}
}
