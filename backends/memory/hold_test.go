package memory

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

// holds is a queue without calls: its deliveries are known by their places, and taken one by one.
type holds struct {
	*queue
	taken map[uint64]*item
}

func newHolds(order contract.OrderMode) *holds {
	return &holds{&queue{b: New(), sub: contract.Subscription{Order: order}, lines: map[string]*line{}}, map[uint64]*item{}}
}

// do carries out one word of a script: push:KEY, take, fail:PLACE, back:PLACE (it was failed and is due),
// done:PLACE. It returns the place that take found, or "-".
func (h *holds) do(t *testing.T, word string) string {
	t.Helper()
	verb, rest, _ := strings.Cut(word, ":")
	var place uint64
	if verb != "push" && verb != "take" {
		if _, err := fmt.Sscan(rest, &place); err != nil {
			t.Fatalf("%s: %v", word, err)
		}
	}
	switch verb {
	case "push":
		h.pushNew(&contract.Message{Key: rest})
	case "take":
		ch, n := h.takeMerged(1)
		if n == 0 {
			return "-"
		}
		h.ready--
		it := &item{ch.items[0], ch.slots[0].seq, ch.slots[0].holds}
		h.taken[it.seq] = it
		return fmt.Sprint(it.seq)
	case "fail":
		h.holdBack(h.taken[place])
	case "back":
		h.pushBack(h.taken[place])
	case "done":
		it := h.taken[place]
		delete(h.taken, place)
		if it.holds != holdsNothing {
			h.letGo(it.Key, it.seq, it.holds)
		}
	default:
		t.Fatalf("unknown word %s", word)
	}
	return ""
}

// TestHolds runs scripts over a queue: which deliveries a failed one holds back, and in which order they
// go on. Places are numbered from 1 in the order of push.
func TestHolds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		order  contract.OrderMode
		script string
		taken  string // of each take
		ready  int    // at the end, with held
		held   int
	}{
		{"NoOrder", contract.OrderFirstAttempts, "push:x push:x take fail:1 take", "1 2", 0, 0},
		{"KeyHoldsItsOwn", contract.OrderKey, "push:x push:x push:y take fail:1 take take", "1 3 -", 0, 1},
		{"KeyGoesOn", contract.OrderKey, "push:x push:x push:x take fail:1 take done:1 take take take", "1 - 2 3 -", 0, 0},
		{"RetryIsInFront", contract.OrderKey, "push:x push:x push:y take fail:1 take back:1 take take done:1 take", "1 3 1 - 2", 0, 0},
		{"NewOnesWaitToo", contract.OrderKey, "push:x take fail:1 push:x push:y take take done:1 take", "1 3 - 2", 0, 0},
		{"NoKeyHoldsNothing", contract.OrderKey, "push: push: take fail:1 take", "1 2", 0, 0},
		{"TwoOfAKeyFail", contract.OrderKey, "push:x push:x push:x take take fail:2 take fail:1 take done:1 take done:2 take", "1 2 - - - 3", 0, 0},
		{"FrontOfAFailureIsFree", contract.OrderKey, "push:x push:x push:x take take fail:2 back:1 take take", "1 2 1 -", 0, 1},
		{"FailsAgain", contract.OrderKey, "push:x push:x take fail:1 take back:1 take fail:1 take back:1 take done:1 take", "1 - 1 - 1 2", 0, 0},
		{"HeldAgainWhileItGoesOn", contract.OrderKey, "push:x push:x push:x take fail:1 take done:1 take fail:2 take done:2 take", "1 - 2 - 3", 0, 0},
		{"StrictHoldsAll", contract.OrderStrict, "push:x push:y take fail:1 take back:1 take done:1 take", "1 - 1 2", 0, 0},
		{"StrictFrontIsFree", contract.OrderStrict, "push:x push:y push:z take take fail:2 back:1 take take done:2 take", "1 2 1 - 3", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHolds(test.order)
			var taken []string
			for word := range strings.FieldsSeq(test.script) {
				if place := h.do(t, word); place != "" {
					taken = append(taken, place)
				}
			}
			if got := strings.Join(taken, " "); got != test.taken || h.ready != test.ready || h.held != test.held {
				t.Errorf("taken %s, %d ready, %d held; want %s, %d, %d", got, h.ready, h.held, test.taken, test.ready, test.held)
			}
			if over := len(h.lines) > 0 && h.held == 0 && !slices.ContainsFunc(values(h.lines), (*line).isHeld); over {
				t.Errorf("%d lines are left that hold nothing", len(h.lines))
			}
		})
	}
}

func values(lines map[string]*line) (list []*line) {
	for _, l := range lines {
		list = append(list, l)
	}
	return list
}

// TestDoor counts in and out: the limit may be exceeded by one call's own deliveries.
func TestDoor(t *testing.T) {
	t.Parallel()
	d := &door{limit: 3}
	for i, step := range []struct {
		in, out int
		ok      bool
		held    int64
	}{
		{in: 2, ok: true, held: 2},
		{in: 5, ok: true, held: 7},
		{in: 1, ok: false, held: 7},
		{out: 4, held: 3},
		{in: 1, ok: false, held: 3},
		{out: 1, held: 2},
		{out: -2, held: 4}, // emitted events are counted in without a question
		{out: 4, held: 0},
		{in: 0, ok: true, held: 0},
	} {
		ok := false
		if step.out != 0 {
			d.countOut(step.out)
		} else {
			ok = d.countIn(step.in)
		}
		if ok != step.ok || d.held.Load() != step.held {
			t.Errorf("step %d, %+v: %t, %d held", i, step, ok, d.held.Load())
		}
	}
}
