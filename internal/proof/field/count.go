package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// verdict is what the diaries and the backend of one scenario come to.
type verdict struct {
	scenario  string
	published int
	handled   map[string]int // different jobs, by part
	repeated  int            // calls beyond the first of a job and a part, which at least once allows
	pause     time.Duration  // the longest in which a part made no progress while jobs came
	allowed   time.Duration  // for it: a lease and a half, and what a strike takes
	strikes   int
	left      int // deliveries that were never taken
	wrong     []string
}

// noteFinding notes a finding, the first few of them.
func (v *verdict) noteFinding(format string, args ...any) {
	if len(v.wrong) < 8 {
		v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
	}
}

// countEntries reads the lines of all processes. ordered says that the order of a key is promised.
func (v *verdict) countEntries(all []entry, ordered bool) {
	// Events of bytes that a strike planted run as often as they were planted.
	all = slices.DeleteFunc(all, func(e entry) bool { return !strings.HasPrefix(e.Source, sourcePrefix) })
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.At, b.At) })
	accepted := map[job]bool{}
	first := map[string]map[job]entry{}
	for _, part := range parts {
		first[part] = map[job]entry{}
	}
	for _, e := range all {
		if e.Part == "" {
			accepted[e.jobOf()] = true
			continue
		}
		was, again := first[e.Part][e.jobOf()]
		if !again {
			first[e.Part][e.jobOf()] = e
			continue
		}
		v.repeated++
		if was.Delivery != e.Delivery {
			v.noteFinding("forked: %s ran %s under two delivery ids", e.Part, e.jobOf())
		}
		if was.By != e.By {
			v.noteFinding("forked: two calls emitted what follows %s", e.jobOf())
		}
	}
	v.published = len(accepted)
	v.handled = map[string]int{}
	for _, part := range parts {
		v.handled[part] = len(first[part])
		lost := 0
		for j := range accepted {
			if _, ok := first[part][j]; !ok {
				if lost++; lost == 1 {
					v.noteFinding("lost: %s never ran %s", part, j)
				}
			}
		}
		if lost > 1 {
			v.noteFinding("lost: %s never ran %d jobs", part, lost)
		}
	}
	if ordered {
		v.checkOrder(first[partOrder])
	}
	v.measurePauses(all)
}

// checkOrder wants the first runs of the jobs of a source and key in their order.
func (v *verdict) checkOrder(first map[job]entry) {
	for j, e := range first {
		before := job{j.source, j.key, j.n - 1}
		if was, ok := first[before]; ok && was.At > e.At {
			v.noteFinding("out of order: %s ran before the one before it", j)
		}
	}
}

// measurePauses finds the longest time without progress of a part while jobs were published.
func (v *verdict) measurePauses(all []entry) {
	last := map[string]int64{}
	for _, e := range all {
		if at, ok := last[e.Part]; ok && e.Part != "" {
			v.pause = max(v.pause, time.Duration(e.At-at)*time.Microsecond)
		}
		last[e.Part] = e.At
	}
}
