// Package draw draws a topology: as Mermaid for pages, as DOT for Graphviz, as JSON for programs.
// All three show the same nodes and edges, and the same source gives the same text.
//
//	picture.go  which nodes and edges there are
//	mermaid.go, dot.go, json.go  the forms
package draw
