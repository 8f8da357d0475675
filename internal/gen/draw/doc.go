// Package draw draws a topology: as Mermaid for pages, as DOT for Graphviz, as SVG for pages without either, as JSON for programs.
// The same source gives the same text.
//
//	picture.go  which nodes and edges there are
//	mermaid.go, dot.go, json.go  the forms, which show the same nodes and edges
//	svg.go      a drawing of our own, with one box for each organ
package draw
