package layout

import "slices"

// Gaps between layers, and between the slots of a layer.
const (
	layerGap = 70
	slotGap  = 18
	passes   = 4 // that straighten edges
)

// placeSlots gives each slot its place: below the slot above it, and as near to its neighbours as that leaves.
func (g *graph) placeSlots() {
	x := 0
	for _, layer := range g.layers {
		y, width := 0, 0
		for _, s := range layer {
			g.slots[s].place = Point{x, y}
			y += g.slots[s].size.Height + slotGap
			width = max(width, g.slots[s].size.Width)
		}
		for _, s := range layer {
			if g.slots[s].end = x + width; g.slots[s].node < 0 {
				g.slots[s].size.Width = width // a bend passes the whole layer
			}
		}
		x += width + layerGap
	}
	for range passes {
		for l := range g.layers {
			g.alignLayer(l, func(s *slot) []int { return s.left })
		}
		for l := range slices.Backward(g.layers) {
			g.alignLayer(l, func(s *slot) []int { return s.right })
		}
	}
	top := 0
	for i := range g.slots {
		top = min(top, g.slots[i].place.Y)
	}
	for i := range g.slots {
		g.slots[i].place.Y -= top
	}
}

func (s *slot) middle() int { return s.place.Y + s.size.Height/2 }

// alignLayer moves slots to the mean height of their neighbours on one side. Those that would overlap are put below each other
// as a block around the mean of their wanted tops.
func (g *graph) alignLayer(l int, neighbours func(*slot) []int) {
	type block struct{ top, height, sum, count int } // sum is that of the tops that its slots want
	var blocks []block
	for _, s := range g.layers[l] {
		slot := &g.slots[s]
		want := slot.place.Y
		if list := neighbours(slot); len(list) > 0 {
			sum := 0
			for _, n := range list {
				sum += g.slots[n].middle()
			}
			want = sum/len(list) - slot.size.Height/2
		}
		b := block{want, slot.size.Height + slotGap, want, 1}
		for len(blocks) > 0 {
			above := blocks[len(blocks)-1]
			if above.top+above.height <= b.top {
				break
			}
			b.sum += above.sum - b.count*above.height
			b.count, b.height = b.count+above.count, b.height+above.height
			b.top = floorDivide(b.sum, b.count)
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	next := 0
	for _, b := range blocks {
		y := b.top
		for range b.count {
			slot := &g.slots[g.layers[l][next]]
			slot.place.Y = y
			y += slot.size.Height + slotGap
			next++
		}
	}
}

// floorDivide rounds down also below zero, because tops must round the same way on both sides of it.
func floorDivide(a, b int) int {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// collectDrawing returns the places of nodes, and the points of each edge.
func (g *graph) collectDrawing(nodes int, edges []Edge) Drawing {
	d := Drawing{}
	for i := range g.slots {
		s := &g.slots[i]
		if i < nodes {
			d.Nodes = append(d.Nodes, s.place)
		}
		d.Width, d.Height = max(d.Width, s.place.X+s.size.Width), max(d.Height, s.place.Y+s.size.Height)
	}
	for i, chain := range g.chains {
		var way []Point
		if chain == nil {
			way = g.slots[edges[i].From].loopPoints()
		}
		for k, index := range chain {
			s := &g.slots[index]
			if k > 0 {
				way = append(way, Point{s.place.X, s.middle()})
			}
			if k < len(chain)-1 {
				way = append(way, Point{s.place.X + s.size.Width, s.middle()})
				if s.end > s.place.X+s.size.Width { // past wider nodes of its layer
					way = append(way, Point{s.end, s.middle()})
				}
			}
		}
		if g.turned[i] && chain != nil {
			slices.Reverse(way)
		}
		for _, p := range way {
			d.Width = max(d.Width, p.X)
		}
		d.Edges = append(d.Edges, way)
	}
	return d
}

// loopPoints returns the points of an edge from a node to itself, at its right side.
func (s *slot) loopPoints() []Point {
	x, y := s.place.X+s.size.Width, s.middle()
	quarter := s.size.Height / 4
	return []Point{{x, y - quarter}, {x + slotGap, y - quarter}, {x + slotGap, y + quarter}, {x, y + quarter}}
}
