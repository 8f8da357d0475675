package layout

// newGraph puts nodes into layers, and bends where edges pass through a layer.
func newGraph(nodes []Node, edges []Edge) *graph {
	g := &graph{turned: turnEdges(len(nodes), edges)}
	from, to := make([]int, len(edges)), make([]int, len(edges))
	for i, e := range edges {
		if from[i], to[i] = e.From, e.To; g.turned[i] {
			from[i], to[i] = e.To, e.From
		}
	}
	layer := longestPaths(len(nodes), from, to)
	for i, n := range nodes {
		g.addSlot(i, layer[i], n)
	}
	for i := range edges {
		if from[i] == to[i] {
			g.chains = append(g.chains, nil)
			continue
		}
		chain := []int{from[i]}
		for l := layer[from[i]] + 1; l < layer[to[i]]; l++ {
			chain = append(chain, g.addSlot(-1, l, Node{}))
		}
		chain = append(chain, to[i])
		for k := 1; k < len(chain); k++ {
			a, b := chain[k-1], chain[k]
			g.slots[a].right, g.slots[b].left = append(g.slots[a].right, b), append(g.slots[b].left, a)
		}
		g.chains = append(g.chains, chain)
	}
	return g
}

func (g *graph) addSlot(node, layer int, size Node) int {
	index := len(g.slots)
	g.slots = append(g.slots, slot{node: node, layer: layer, size: size})
	for len(g.layers) <= layer {
		g.layers = append(g.layers, nil)
	}
	g.layers[layer] = append(g.layers[layer], index)
	return index
}

// turnEdges finds the edges that lead back to a node on the way to them, in a walk that begins at the nodes without
// predecessors, and then at those that are not reached.
func turnEdges(nodes int, edges []Edge) []bool {
	out, before := make([][]int, nodes), make([]int, nodes)
	for i, e := range edges {
		out[e.From] = append(out[e.From], i)
		if e.From != e.To {
			before[e.To]++
		}
	}
	const unseen, open, closed = 0, 1, 2
	state, turned := make([]int, nodes), make([]bool, len(edges))
	var walk func(int)
	walk = func(n int) {
		state[n] = open
		for _, i := range out[n] {
			switch to := edges[i].To; state[to] {
			case unseen:
				walk(to)
			case open:
				turned[i] = true
			}
		}
		state[n] = closed
	}
	for _, sources := range []bool{true, false} {
		for n := range nodes {
			if state[n] == unseen && (before[n] == 0 || !sources) {
				walk(n)
			}
		}
	}
	return turned
}

// longestPaths returns the number of edges on the longest path to each node. The edges have no cycle but from a node to itself.
func longestPaths(nodes int, from, to []int) []int {
	layer := make([]int, nodes)
	for changed := true; changed; {
		changed = false
		for i := range from {
			if from[i] != to[i] && layer[to[i]] <= layer[from[i]] {
				layer[to[i]], changed = layer[from[i]]+1, true
			}
		}
	}
	return layer
}
