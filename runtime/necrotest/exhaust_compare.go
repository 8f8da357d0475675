package necrotest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// differences tells what of a run is not as in the undisturbed one.
func differences(want, got *record) []string {
	lines := missing(want, got)
	lines = append(lines, extra(want, got)...)
	lines = append(lines, otherwise(want, got)...)
	if !reflect.DeepEqual(want.snapshot, got.snapshot) {
		was, is := differing(describe(want.snapshot, got.snapshot))
		lines = append(lines, fmt.Sprintf("snapshot: %s\n   instead of: %s", is, was))
	}
	return lines
}

// missing are the events that were not stored, or are not the same.
func missing(want, got *record) (lines []string) {
	for _, w := range want.order {
		g := got.events[w.ID]
		switch {
		case g == nil:
			lines = append(lines, fmt.Sprintf("missing: %s, %s", w.short(), w.from()))
		case !g.same(w):
			was, is := w.String(), g.String()
			if was == is {
				was, is = w.whole(), g.whole()
			}
			was, is = differing(was, is)
			lines = append(lines, fmt.Sprintf("changed: %s, %s\n  instead of: %s", is, g.from(), was))
		case g.times != w.times:
			lines = append(lines, fmt.Sprintf("forked: %s, %s, is stored %d times, not %d", g.short(), g.from(), g.times, w.times))
		}
	}
	return lines
}

// extra are events that the undisturbed run has not stored.
func extra(want, got *record) (lines []string) {
	for _, g := range got.order {
		if want.events[g.ID] != nil {
			continue
		}
		line := fmt.Sprintf("extra: %s, %s", g.short(), g.from())
		if g.parent == nil && g.organ != "" {
			line += ": emit it, then it is stored once, with the outcome; or publish it WithID"
		}
		lines = append(lines, line)
	}
	return lines
}

// otherwise are deliveries that ended in another way. Those of events that are missing or
// extra follow from that, and are not told.
func otherwise(want, got *record) (lines []string) {
	var others []delivery
	for d, end := range want.ends {
		if got.events[d.event] != nil && got.ends[d].how != end.how {
			others = append(others, d)
		}
	}
	for d := range got.ends {
		if _, ended := want.ends[d]; !ended && want.events[d.event] != nil {
			others = append(others, d)
		}
	}
	slices.SortFunc(others, func(a, b delivery) int {
		return cmp.Or(bytes.Compare(a.event[:], b.event[:]), cmp.Compare(a.organ, b.organ))
	})
	for _, d := range others {
		lines = append(lines, fmt.Sprintf("%s: %s is %s, not %s", d.organ, got.events[d.event].short(), got.ends[d], want.ends[d]))
	}
	return lines
}

// String tells how a delivery ended.
func (e end) String() string {
	switch {
	case e.how == "":
		return "not done"
	case e.err != "":
		return fmt.Sprintf("%s (%s)", e.how, e.err)
	}
	return e.how
}

// describe writes two snapshots, as JSON where that shows how they differ.
func describe(a, b any) (string, string) {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	if errX == nil && errY == nil && string(x) != string(y) {
		return string(x), string(y)
	}
	return fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b)
}

// shown is how much of a value is shown.
const shown = 200

func shorten(s string) string {
	if r := []rune(s); len(r) > shown {
		return string(r[:shown]) + "…"
	}
	return s
}

// differing cuts what two long texts have in common at the front.
func differing(a, b string) (string, string) {
	x, y := []rune(a), []rune(b)
	if len(x) <= shown && len(y) <= shown {
		return a, b
	}
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	from := max(0, same-shown/2)
	lead := ""
	if from > 0 {
		lead = "…"
	}
	return lead + shorten(string(x[from:])), lead + shorten(string(y[from:]))
}
