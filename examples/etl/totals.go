package main

import (
	"cmp"
	"slices"
)

// Totals sum up some rows. They add up in any order.
type Totals struct {
	Rows    int64          `msgpack:"rows" json:"rows"`       // counted and rejected
	Groups  []GroupTotals  `msgpack:"groups" json:"groups"`   // sorted
	Rejects []RejectTotals `msgpack:"rejects" json:"rejects"` // sorted
}

// GroupTotals sum up a group.
type GroupTotals struct {
	Group   Group `msgpack:"group" json:"group"`
	Count   int64 `msgpack:"count" json:"count"`
	Mass    Span  `msgpack:"mass" json:"mass"`       // kg
	Flipper Span  `msgpack:"flipper" json:"flipper"` // cm
	Beak    Span  `msgpack:"beak" json:"beak"`
}

// Span sums up a value.
type Span struct {
	Sum Milli `msgpack:"sum" json:"sum"`
	Min Milli `msgpack:"min" json:"min"`
	Max Milli `msgpack:"max" json:"max"`
}

// RejectTotals are the rows that were rejected for one reason.
type RejectTotals struct {
	Column string   `msgpack:"column" json:"column"`
	Reason string   `msgpack:"reason" json:"reason"`
	Count  int64    `msgpack:"count" json:"count"`
	First  []Reject `msgpack:"first" json:"first"` // by line
}

// firstRejects is how many rejects are kept for a reason, so that they can be shown.
const firstRejects = 5

// totalsOf counts rows.
func totalsOf(samples []Sample, rejects []Reject) (t Totals) {
	t.Rows = int64(len(samples) + len(rejects))
	for i := range samples {
		s := &samples[i]
		g := t.groupTotals(s.Group)
		g.addGroup(&GroupTotals{Count: 1, Mass: spanOf(s.Mass), Flipper: spanOf(s.Flipper), Beak: spanOf(s.Beak)})
	}
	for i := range rejects {
		r := &rejects[i]
		t.rejectTotals(r.Column, r.Reason).addRejects(1, rejects[i:i+1])
	}
	return t
}

func spanOf(n Milli) Span { return Span{n, n, n} }

// addTotals adds the totals of other rows.
func (t *Totals) addTotals(other *Totals) {
	t.Rows += other.Rows
	for i := range other.Groups {
		t.groupTotals(other.Groups[i].Group).addGroup(&other.Groups[i])
	}
	for i := range other.Rejects {
		r := &other.Rejects[i]
		t.rejectTotals(r.Column, r.Reason).addRejects(r.Count, r.First)
	}
}

// groupTotals returns the totals of a group. They are valid until the next call.
func (t *Totals) groupTotals(g Group) *GroupTotals {
	i, found := slices.BinarySearchFunc(t.Groups, g, func(t GroupTotals, g Group) int { return compareGroups(t.Group, g) })
	if !found {
		t.Groups = slices.Insert(t.Groups, i, GroupTotals{Group: g})
	}
	return &t.Groups[i]
}

func compareGroups(a, b Group) int {
	return cmp.Or(cmp.Compare(a.Species, b.Species), cmp.Compare(a.Island, b.Island), cmp.Compare(a.Sex, b.Sex))
}

// rejectTotals returns the totals of a reason. They are valid until the next call.
func (t *Totals) rejectTotals(column, reason string) *RejectTotals {
	i, found := slices.BinarySearchFunc(t.Rejects, reason, func(t RejectTotals, reason string) int {
		return cmp.Or(cmp.Compare(t.Column, column), cmp.Compare(t.Reason, reason))
	})
	if !found {
		t.Rejects = slices.Insert(t.Rejects, i, RejectTotals{Column: column, Reason: reason})
	}
	return &t.Rejects[i]
}

func (g *GroupTotals) addGroup(other *GroupTotals) {
	if g.Count == 0 {
		g.Count, g.Mass, g.Flipper, g.Beak = other.Count, other.Mass, other.Flipper, other.Beak
		return
	}
	g.Count += other.Count
	g.Mass.addSpan(other.Mass)
	g.Flipper.addSpan(other.Flipper)
	g.Beak.addSpan(other.Beak)
}

func (s *Span) addSpan(other Span) {
	s.Sum += other.Sum
	s.Min = min(s.Min, other.Min)
	s.Max = max(s.Max, other.Max)
}

// addRejects adds rejects, and keeps those with the lowest lines.
func (r *RejectTotals) addRejects(count int64, first []Reject) {
	r.Count += count
	r.First = append(r.First, first...)
	slices.SortStableFunc(r.First, func(a, b Reject) int { return cmp.Compare(a.Line, b.Line) })
	r.First = r.First[:min(len(r.First), firstRejects)]
}

// countKept returns how many rows were counted.
func (t *Totals) countKept() int64 { return t.Rows - t.countRejected() }

func (t *Totals) countRejected() (n int64) {
	for i := range t.Rejects {
		n += t.Rejects[i].Count
	}
	return n
}

// countWrong returns how many rows have mistakes, and the first of them. Gaps are none.
func (t *Totals) countWrong() (n int64, first []Reject) {
	for i := range t.Rejects {
		if r := &t.Rejects[i]; r.First[0].Mend != "" {
			n += r.Count
			first = append(first, r.First...)
		}
	}
	slices.SortStableFunc(first, func(a, b Reject) int { return cmp.Compare(a.Line, b.Line) })
	return n, first
}
