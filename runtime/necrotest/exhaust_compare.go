package necrotest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// listDifferences lists everything in which a run is not like the undisturbed one.
func listDifferences(want, got *record) []string {
	lines := listMissing(want, got)
	lines = append(lines, listExtra(want, got)...)
	lines = append(lines, listOtherEndings(want, got)...)
	if !reflect.DeepEqual(want.snapshot, got.snapshot) {
		was, is := cutCommonPrefix(describeSnapshots(want.snapshot, got.snapshot))
		lines = append(lines, fmt.Sprintf("snapshot: %s\n   instead of: %s", is, was))
	}
	return lines
}

// listMissing lists the events that were not stored, or are not the same.
func listMissing(want, got *record) (lines []string) {
	for _, w := range want.order {
		g := got.events[w.ID]
		switch {
		case g == nil:
			lines = append(lines, fmt.Sprintf("missing: %s, %s", w.tellShort(), w.tellOrigin()))
		case !g.sameAs(w):
			was, is := w.String(), g.String()
			if was == is {
				was, is = w.tellWhole(), g.tellWhole()
			}
			was, is = cutCommonPrefix(was, is)
			lines = append(lines, fmt.Sprintf("changed: %s, %s\n  instead of: %s", is, g.tellOrigin(), was))
		case g.times != w.times:
			lines = append(lines, fmt.Sprintf("forked: %s, %s, is stored %d times, not %d", g.tellShort(), g.tellOrigin(), g.times, w.times))
		}
	}
	return lines
}

// listExtra lists the events that the undisturbed run has not stored.
func listExtra(want, got *record) (lines []string) {
	for _, g := range got.order {
		if want.events[g.ID] != nil {
			continue
		}
		line := fmt.Sprintf("extra: %s, %s", g.tellShort(), g.tellOrigin())
		if g.parent == nil && g.organ != "" {
			line += ": emit it, then it is stored once, with the outcome; or publish it WithID"
		}
		lines = append(lines, line)
	}
	return lines
}

// listOtherEndings lists the deliveries that ended in another way. Those of events that are missing or extra
// follow from that, and are not told.
func listOtherEndings(want, got *record) (lines []string) {
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
		lines = append(lines, fmt.Sprintf("%s: %s is %s, not %s", d.organ, got.events[d.event].tellShort(), got.ends[d], want.ends[d]))
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

// describeSnapshots writes two snapshots, as JSON where that shows how they differ.
func describeSnapshots(a, b any) (string, string) {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	if errX == nil && errY == nil && string(x) != string(y) {
		return string(x), string(y)
	}
	return fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b)
}

// shown is how much of a value is shown.
const shown = 200

func shortenText(s string) string {
	if r := []rune(s); len(r) > shown {
		return string(r[:shown]) + "…"
	}
	return s
}

// cutCommonPrefix cuts the common beginning of two long texts.
func cutCommonPrefix(a, b string) (string, string) {
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
	return lead + shortenText(string(x[from:])), lead + shortenText(string(y[from:]))
}
