package main

import (
	"fmt"
	"slices"
)

// goal is what ours must reach against a peer. The zero goal compares without a target.
type goal struct {
	limit  float64
	byTime bool // ours takes at most limit of the peer's time; else at least limit of its speed
	atMost bool // the limit of a speed is an upper one: the peer is ours with something more
}

// speed asks for at least so many times the peer's speed.
func speed(limit float64) goal { return goal{limit: limit} }

// share asks for at most this share of the peer's time.
func share(limit float64) goal { return goal{limit: limit, byTime: true} }

// slower asks that the peer, which is ours with something more, takes at most so many times as long.
func slower(limit float64) goal { return goal{limit: limit, atMost: true} }

// ratio compares one round.
func (g goal) ratio(ours, theirs sample) float64 {
	if g.byTime {
		return ours.nanos / theirs.nanos
	}
	return theirs.nanos / ours.nanos
}

// verdict is the median of the rounds' ratios, with the quartiles: how much the rounds agree.
type verdict struct {
	goal
	median, low, high float64
}

func (g goal) judge(ours, theirs []sample) verdict {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = g.ratio(ours[i], theirs[i])
	}
	slices.Sort(ratios)
	return verdict{g, median(ratios), ratios[len(ratios)/4], ratios[len(ratios)*3/4]}
}

func (v verdict) missed() bool {
	if v.limit == 0 {
		return false
	}
	if v.byTime || v.atMost {
		return v.median > v.limit
	}
	return v.median < v.limit
}

func (v verdict) String() string {
	unit := "speed"
	if v.byTime {
		unit = "time"
	}
	return fmt.Sprintf("%.2f × its %s (%.2f-%.2f)", v.median, unit, v.low, v.high)
}

// timesText is the verdict without its unit.
func (v verdict) timesText() string {
	return fmt.Sprintf("%.2f × (%.2f-%.2f)", v.median, v.low, v.high)
}

// missText tells of a target that was missed, and nothing of one that was reached.
func (v verdict) missText(contest, peer string) []string {
	if !v.missed() {
		return nil
	}
	return []string{fmt.Sprintf("  %s: %s against %s, target %s", contest, v, peer, v.boundText())}
}

// targetText is what the verdict is measured against.
func (v verdict) targetText() string {
	switch {
	case v.limit == 0:
		return ""
	case v.missed():
		return v.boundText() + "  MISSED"
	}
	return v.boundText() + "  reached"
}

func (v verdict) boundText() string {
	if v.byTime || v.atMost {
		return fmt.Sprintf("≤ %.3g", v.limit)
	}
	return fmt.Sprintf("≥ %.3g", v.limit)
}

// median of an even number is the upper one of the two in the middle.
func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
