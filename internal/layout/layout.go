package layout

// Node is a box of a size.
type Node struct{ Width, Height int }

// Edge leads from one node to another, by their indexes.
type Edge struct{ From, To int }

// Point is a place; Y grows downwards.
type Point struct{ X, Y int }

// Drawing holds the place of each node and edge.
type Drawing struct {
	Width, Height int
	Nodes         []Point   // upper left corners, in the order of the nodes
	Edges         [][]Point // the bends of each edge from its beginning to its end, in the order of the edges
}

// slot is a node in its layer, or the bend of an edge, which has no height.
type slot struct {
	node        int // -1 for a bend
	layer       int
	size        Node
	place       Point // of its upper left corner
	end         int   // X of the right side of its layer
	left, right []int // neighbours in the layers beside it
}

// graph is the state that the steps of Arrange share. newGraph fills all but the places of slots; orderLayers changes only
// layers, placeSlots the places, the ends and the widths of bends.
type graph struct {
	slots  []slot  // the nodes come first
	layers [][]int // slots from top to bottom
	chains [][]int // the slots of each edge, from left to right
	turned []bool  // edges that run from right to left
	work   int     // what ordering the layers has cost, in slots and pairs of edges that were looked at
}

// Arrange places a graph. Edges may form cycles, lead from a node to itself, and come twice.
func Arrange(nodes []Node, edges []Edge) Drawing {
	g := newGraph(nodes, edges)
	g.orderLayers()
	g.placeSlots()
	return g.collectDrawing(len(nodes), edges)
}
