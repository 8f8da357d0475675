package layout

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// randomGraph returns boxes of several sizes with edges among them, with cycles, loops and double edges.
func randomGraph(r *rand.Rand, nodes, edges int) ([]Node, []Edge) {
	var ns []Node
	for range nodes {
		ns = append(ns, Node{40 + r.IntN(160), 20 + r.IntN(60)})
	}
	var es []Edge
	for range edges {
		es = append(es, Edge{r.IntN(nodes), r.IntN(nodes)})
	}
	return ns, es
}

// checkDrawing wants boxes that do not overlap, edges that begin and end at their boxes and run through none, and all of it in
// the drawing.
func checkDrawing(t *testing.T, nodes []Node, edges []Edge, d Drawing) {
	t.Helper()
	for i, a := range d.Nodes {
		if a.X < 0 || a.Y < 0 || a.X+nodes[i].Width > d.Width || a.Y+nodes[i].Height > d.Height {
			t.Errorf("node %d at %v is outside of %d × %d", i, a, d.Width, d.Height)
		}
		for j, b := range d.Nodes[:i] {
			if a.X < b.X+nodes[j].Width && b.X < a.X+nodes[i].Width && a.Y < b.Y+nodes[j].Height && b.Y < a.Y+nodes[i].Height {
				t.Errorf("nodes %d at %v and %d at %v overlap", i, a, j, b)
			}
		}
	}
	for i, way := range d.Edges {
		ends := []int{edges[i].From, edges[i].To}
		for k, p := range []Point{way[0], way[len(way)-1]} {
			corner, size := d.Nodes[ends[k]], nodes[ends[k]]
			if p.X != corner.X && p.X != corner.X+size.Width || p.Y < corner.Y || p.Y > corner.Y+size.Height {
				t.Errorf("an end of edge %d at %v is not at node %d at %v", i, p, ends[k], corner)
			}
		}
		for k := 1; k < len(way); k++ {
			a, b := way[k-1], way[k]
			for j, corner := range d.Nodes {
				left, right := max(min(a.X, b.X), corner.X), min(max(a.X, b.X), corner.X+nodes[j].Width)
				if left >= right {
					continue
				}
				// Beside a box an edge is level, so that its height there is that of one end.
				if a.Y > corner.Y && a.Y < corner.Y+nodes[j].Height || a.Y != b.Y {
					t.Errorf("edge %d from %v to %v runs through node %d at %v", i, a, b, j, corner)
				}
			}
		}
	}
}

func TestArrange(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		nodes, edges := randomGraph(r, 1+r.IntN(20), r.IntN(40))
		d := Arrange(nodes, edges)
		checkDrawing(t, nodes, edges, d)
		if again := Arrange(nodes, edges); !reflect.DeepEqual(d, again) {
			t.Fatal("the same graph has two drawings")
		}
	}
	if d := Arrange(nil, nil); d.Width != 0 || len(d.Nodes) != 0 {
		t.Errorf("a drawing of nothing: %v", d)
	}
}

// TestLargeGraph arranges 200 organs with as many events.
func TestLargeGraph(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var edges []Edge
	for organ := range 200 {
		for range 1 + r.IntN(2) {
			edges = append(edges, Edge{200 + min(organ, 199), organ}, Edge{organ, 200 + min(organ+1+r.IntN(8), 199)})
		}
	}
	nodes, _ := randomGraph(r, 400, 0)
	checkDrawing(t, nodes, edges, Arrange(nodes, edges))
}

// fewestCrossings tries all orders of all layers.
func fewestCrossings(g *graph, layer int) int {
	if layer == len(g.layers) {
		return g.countCrossings()
	}
	fewest := -1
	var permute func(int)
	permute = func(k int) {
		if k == len(g.layers[layer]) {
			if n := fewestCrossings(g, layer+1); fewest < 0 || n < fewest {
				fewest = n
			}
			return
		}
		list := g.layers[layer]
		for i := k; i < len(list); i++ {
			list[k], list[i] = list[i], list[k]
			permute(k + 1)
			list[k], list[i] = list[i], list[k]
		}
	}
	permute(0)
	return fewest
}

// TestCrossings compares with the best of all orders: on small graphs nearly all are as good.
func TestCrossings(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const graphs, wide = 100, 4
	optimal, ours, fewest := 0, 0, 0
	for range graphs {
		var edges []Edge
		for to := wide; to < 3*wide; to++ { // three layers; each node has one to three predecessors in the layer before
			for range 1 + r.IntN(3) {
				edges = append(edges, Edge{(to/wide-1)*wide + r.IntN(wide), to})
			}
		}
		nodes, _ := randomGraph(r, 3*wide, 0)
		g := newGraph(nodes, edges)
		g.orderLayers()
		have := g.countCrossings()
		best := fewestCrossings(g, 0)
		if have < best {
			t.Fatalf("%d crossings, fewer than the fewest, %d", have, best)
		}
		if ours, fewest = ours+have, fewest+best; have == best {
			optimal++
		}
	}
	if optimal < graphs*9/10 {
		t.Errorf("%d of %d graphs have no more crossings than needed; %d crossings where %d are enough", optimal, graphs, ours, fewest)
	}
	t.Logf("%d of %d graphs are optimal: %d crossings, the fewest are %d", optimal, graphs, ours, fewest)
}

// TestWorkIsBounded arranges a chain of 50 pairs of boxes with edges from each to half of those behind it, which pass
// thousands of places.
func TestWorkIsBounded(t *testing.T) {
	const pairs = 50
	var edges []Edge
	for i := range pairs {
		for j := i; j < pairs; j += 2 {
			edges = append(edges, Edge{i, pairs + j})
		}
		if i+1 < pairs {
			edges = append(edges, Edge{pairs + i, i + 1})
		}
	}
	g := newGraph(make([]Node, 2*pairs), edges)
	before := g.countCrossings()
	g.orderLayers()
	if after := g.countCrossings(); after > before/4 {
		t.Errorf("%d of %d crossings are left", after, before)
	}
	if g.work > 2*maxWork {
		t.Errorf("the layers of %d edges are ordered in %d steps", len(edges), g.work)
	}
}
