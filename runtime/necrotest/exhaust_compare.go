package necrotest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
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
	for _, id := range want.order {
		w, g := want.events[id], got.events[id]
		switch {
		case g == nil:
			lines = append(lines, fmt.Sprintf("missing: %s, %s", shorten(w.text), w.from))
		case g.same != w.same:
			was, is := w.text, g.text
			if was == is { // what differs is no part of the JSON
				was, is = w.same, g.same
			}
			was, is = differing(was, is)
			lines = append(lines, fmt.Sprintf("changed: %s, %s\n  instead of: %s", is, g.from, was))
		case g.stored != w.stored:
			lines = append(lines, fmt.Sprintf("forked: %s, %s, is stored %d times, not %d", shorten(g.text), g.from, g.stored, w.stored))
		}
	}
	return lines
}

// extra are events that the undisturbed run has not stored.
func extra(want, got *record) (lines []string) {
	for _, id := range got.order {
		g := got.events[id]
		if want.events[id] != nil {
			continue
		}
		line := fmt.Sprintf("extra: %s, %s", shorten(g.text), g.from)
		if g.byHandler {
			line += ": emit it, then it is stored once, with the outcome; or publish it WithID"
		}
		lines = append(lines, line)
	}
	return lines
}

// otherwise are deliveries that ended in another way. Those of events that are missing or
// extra follow from that, and are not told.
func otherwise(want, got *record) (lines []string) {
	for _, d := range want.deliveries() {
		if got.events[d.event] == nil || want.ends[d] == got.ends[d] {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s is %s, not %s", d.organ, shorten(want.text(d.event)), told(got, d), told(want, d)))
	}
	for _, d := range got.deliveries() {
		if want.events[d.event] != nil && want.ends[d] == "" {
			lines = append(lines, fmt.Sprintf("%s: %s is %s, not left alone", d.organ, shorten(got.text(d.event)), told(got, d)))
		}
	}
	return lines
}

// told tells how a delivery ended.
func told(r *record, d delivery) string {
	end := cmp.Or(r.ends[d], "not done")
	if last := r.lasts[d]; last != "" {
		end += " (" + last + ")"
	}
	return end
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
