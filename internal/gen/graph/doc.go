// Package graph joins the events, organs and handlers of a model into a graph, and answers questions about
// chains before the program runs: which handlers emit and take an event, where chains run in circles, how long
// they get and how many events one of them can become.
//
//	graph.go   the graph, from package model
//	cycles.go  circles
//	bounds.go  worst-case depth and fan-out
package graph
