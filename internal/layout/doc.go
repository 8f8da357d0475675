// Package layout places the boxes of a directed graph in layers from left to right, with edges that run through no box. The same
// graph gets the same places.
//
// The way is that of Sugiyama: an edge that closes a cycle is turned round; a node's layer is the longest path to it; an edge over
// several layers gets a bend in each, which is ordered like a node; sweeps over the layers put each node at the mean of its
// neighbours, and exchanges of neighbours follow, as long as fewer edges cross; the order that crosses least is kept.
//
//	layout.go   Arrange, which goes through the steps
//	layers.go   cycles, layers and bends
//	order.go    the order in each layer
//	places.go   coordinates
package layout
