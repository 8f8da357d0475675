package graph

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

const (
	// MaxEmissions is how many events one call may emit.
	MaxEmissions = 10_000

	// Endless is what a bound says that is too high to be worked out.
	Endless = math.MaxUint64

	// maxSteps is how many hops are worked out. More than that is endless in practice.
	maxSteps = 10_000
)

// Bound is the worst case of a chain that begins with an event.
type Bound struct {
	Event *Event
	// Depth is how many hops the last event of the longest chain is away from the first.
	Depth uint64
	// FanOut is how many events the first can become in all, without itself: every result is
	// there, every list as long as it may be. Endless when it is more than 2⁶⁴.
	FanOut uint64
}

// Bounds works out the worst case for each entry. Every chain ends, at the latest by maxhops.
func (g *Graph) Bounds() []Bound {
	hops := uint64(len(g.Events))
	if g.hasCycle() {
		hops = min(g.highestMaxHops(), maxSteps)
	}
	depth, fanOut := make([]uint64, len(g.Events)), make([]uint64, len(g.Events))
	// At each number of hops, from the last one on which a handler may run down to none, the
	// bounds follow from those at one more.
	for hop := int(hops); hop >= 0; hop-- {
		depth, fanOut = g.boundEvents(hop, depth, fanOut)
	}
	bounds := make([]Bound, 0, len(g.Events))
	for _, e := range g.Entries() {
		b := Bound{e, depth[e.index], fanOut[e.index]}
		if b.Depth > maxSteps {
			b.Depth, b.FanOut = Endless, Endless
		}
		bounds = append(bounds, b)
	}
	return bounds
}

// hasCycle says whether a chain can meet an event twice.
func (g *Graph) hasCycle() bool {
	for _, e := range g.Events {
		for _, h := range e.Emitters {
			if g.Descendants(e)[h.Event] {
				return true
			}
		}
	}
	return false
}

func (g *Graph) highestMaxHops() uint64 {
	highest := 0
	for _, o := range g.Organs {
		for _, h := range o.Handlers {
			n, _ := h.MaxHops()
			highest = max(highest, n)
		}
	}
	return uint64(highest)
}

// boundEvents works out the bounds of all events after so many hops from those after one more.
func (g *Graph) boundEvents(hop int, depth, fanOut []uint64) (depths, fanOuts []uint64) {
	depths, fanOuts = make([]uint64, len(depth)), make([]uint64, len(fanOut))
	for i, e := range g.Events {
		for _, h := range e.Handlers {
			if n, _ := h.MaxHops(); hop > n {
				continue
			}
			for _, x := range h.Emits {
				if x.Renews {
					depths[i] = max(depths[i], 1)
					continue
				}
				depths[i] = max(depths[i], 1+depth[x.Event.index])
			}
			fanOuts[i] = addCapped(fanOuts[i], h.fanOut(fanOut))
		}
	}
	return depths, fanOuts
}

// fanOut is how many events one call can become: each of its single results, and as many as are
// left of the lists, beginning with the one that grows most.
func (h *Handler) fanOut(of []uint64) uint64 {
	emits := slices.Clone(h.Emits)
	after := func(x Emission) uint64 {
		if x.Renews {
			return 0
		}
		return of[x.Event.index]
	}
	slices.SortStableFunc(emits, func(a, b Emission) int {
		switch {
		case a.Many == b.Many:
			return cmp.Compare(after(b), after(a))
		case a.Many:
			return 1
		}
		return -1
	})
	var sum uint64
	left := uint64(MaxEmissions)
	for _, x := range emits {
		n := min(x.Most, left)
		sum, left = addCapped(sum, multiplyCapped(n, addCapped(1, after(x)))), left-n
	}
	return sum
}

func addCapped(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return Endless
	}
	return a + b
}

func multiplyCapped(a, b uint64) uint64 {
	if b != 0 && a > math.MaxUint64/b {
		return Endless
	}
	return a * b
}

// Number writes a bound for people: with commas, and in words when it is endless.
func Number(n uint64) string {
	if n == Endless {
		return "endless"
	}
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
