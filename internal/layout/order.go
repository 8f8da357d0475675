package layout

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// sweeps is how often the layers are gone over in both directions.
const sweeps = 12

// starts is how many orders of a graph of up to smallGraph slots the sweeps begin with, and startsOfLarge that of a larger one.
const (
	starts        = 16
	startsOfLarge = 2
	smallGraph    = 150
)

// maxWork bounds what ordering the layers of a graph costs, which is a tenth of a second or two. Without it a graph of a
// hundred nodes and a thousand edges, most of which pass many layers, takes several seconds.
const maxWork = 30_000_000

// orderLayers orders the slots of each layer so that few edges cross, and keeps the best order of all sweeps. It begins several
// times, first with the order of the nodes and then with shuffled ones, because sweeps stop at a local optimum.
func (g *graph) orderLayers() {
	best, least := cloneLayers(g.layers), g.countCrossings()
	shuffle, rounds := rand.New(rand.NewPCG(1, 1)), starts // the same each time
	if len(g.slots) > smallGraph {
		rounds = startsOfLarge
	}
	for round := 0; round < rounds && least > 0 && g.work < maxWork; round++ {
		for sweep := 0; sweep < sweeps && g.work < maxWork; sweep++ {
			g.sweepLayers()
			if n := g.countCrossings(); n < least {
				best, least = cloneLayers(g.layers), n
			}
		}
		for _, layer := range g.layers {
			shuffle.Shuffle(len(layer), func(i, j int) { layer[i], layer[j] = layer[j], layer[i] })
		}
	}
	g.layers = best
}

// sweepLayers goes over the layers from left to right and back.
func (g *graph) sweepLayers() {
	rank, mean := g.slotRanks(), make([]float64, len(g.slots))
	for l := 1; l < len(g.layers); l++ {
		g.sortLayer(l, rank, mean, func(s *slot) []int { return s.left })
	}
	for l := len(g.layers) - 2; l >= 0; l-- {
		g.sortLayer(l, rank, mean, func(s *slot) []int { return s.right })
	}
	g.exchangeNeighbours(rank)
}

func cloneLayers(layers [][]int) [][]int {
	clone := make([][]int, len(layers))
	for i := range layers {
		clone[i] = slices.Clone(layers[i])
	}
	return clone
}

// slotRanks returns the position of each slot in its layer.
func (g *graph) slotRanks() []int {
	g.work += len(g.slots)
	rank := make([]int, len(g.slots))
	for _, layer := range g.layers {
		for i, s := range layer {
			rank[s] = i
		}
	}
	return rank
}

// sortLayer puts each slot at the mean position of its neighbours on one side. One without neighbours keeps its position. It
// changes the ranks of the layer, and the means, which are no one else's.
func (g *graph) sortLayer(l int, rank []int, mean []float64, neighbours func(*slot) []int) {
	for _, s := range g.layers[l] {
		mean[s] = float64(rank[s])
		if list := neighbours(&g.slots[s]); len(list) > 0 {
			sum := 0
			for _, n := range list {
				sum += rank[n]
			}
			mean[s] = float64(sum) / float64(len(list))
		}
	}
	slices.SortStableFunc(g.layers[l], func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
	for i, s := range g.layers[l] {
		rank[s] = i
	}
	g.work += len(g.layers[l])
}

// exchangeNeighbours exchanges two slots of a layer that stand beside each other while fewer edges cross then.
func (g *graph) exchangeNeighbours(rank []int) {
	for better := true; better && g.work < maxWork; {
		better = false
		for _, layer := range g.layers {
			for i := 1; i < len(layer); i++ {
				a, b := layer[i-1], layer[i]
				if g.crossingsOf(rank, b, a) < g.crossingsOf(rank, a, b) {
					layer[i-1], layer[i] = b, a
					rank[a], rank[b], better = i, i-1, true
				}
			}
		}
	}
}

// crossingsOf counts the crossings of the edges of two slots, of which a stands above b.
func (g *graph) crossingsOf(rank []int, a, b int) int {
	return g.crossingsAt(rank, g.slots[a].left, g.slots[b].left) + g.crossingsAt(rank, g.slots[a].right, g.slots[b].right)
}

func (g *graph) crossingsAt(rank, above, below []int) (n int) {
	g.work += 1 + len(above)*len(below)
	for _, a := range above {
		for _, b := range below {
			if rank[a] > rank[b] {
				n++
			}
		}
	}
	return n
}

// countCrossings counts the crossings between all layers.
func (g *graph) countCrossings() (n int) {
	rank := g.slotRanks()
	for _, layer := range g.layers {
		for i, a := range layer {
			for _, b := range layer[i+1:] {
				n += g.crossingsAt(rank, g.slots[a].right, g.slots[b].right)
			}
		}
	}
	return n
}
