package main

import "slices"

// Ranges are the parts of the input that were counted. They are kept sorted, and those that
// touch are joined: as chunks come more or less in order there are never many, however long
// the input is.
type Ranges struct {
	list  []Range
	bytes int64
}

// Has reports whether all of r is in.
func (s *Ranges) Has(r Range) bool {
	i := s.firstBehind(r.From)
	return i > 0 && r.To <= s.list[i-1].To
}

// Add puts r in, of which nothing is in yet.
func (s *Ranges) Add(r Range) {
	s.bytes += r.To - r.From
	i := s.firstBehind(r.From)
	from, to := i, i
	if i > 0 && s.list[i-1].To == r.From {
		from, r.From = i-1, s.list[i-1].From
	}
	if i < len(s.list) && s.list[i].From == r.To {
		to, r.To = i+1, s.list[i].To
	}
	s.list = slices.Replace(s.list, from, to, r)
}

// firstBehind returns the first place whose range begins behind at.
func (s *Ranges) firstBehind(at int64) int {
	i, found := slices.BinarySearchFunc(s.list, at, func(r Range, at int64) int { return int(max(-1, min(1, r.From-at))) })
	if found {
		i++
	}
	return i
}
