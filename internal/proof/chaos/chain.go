package main

import (
	"strconv"
	"strings"
)

// visit is the work of one organ on one event.
type visit struct{ organ, path string }

func (v visit) String() string { return v.organ + " of " + v.path }

// The paths of the events that follow from an event.
func leftPath(root string, i int) string    { return root + "/l" + strconv.Itoa(i) }
func rightPath(root string) string          { return root + "/r" }
func middlePath(right string, i int) string { return right + "/m" + strconv.Itoa(i) }
func leafPath(last string) string           { return last + "/f" }

// parentOf returns the path of the event that this one follows from; "" for a root.
func parentOf(path string) string {
	return path[:max(0, strings.LastIndexByte(path, '/'))]
}

// chainOf returns the path of the root.
func chainOf(path string) string {
	chain, _, _ := strings.Cut(path, "/")
	return chain
}

// allVisits returns all visits that a root leads to.
func (e *Root) allVisits() []visit {
	list := []visit{{"split", e.Path}, {"witness", e.Path}, {"right", rightPath(e.Path)}}
	for i := range e.Lefts {
		left := leftPath(e.Path, i)
		list = append(list, visit{"left", left}, visit{"join", leafPath(left)}, visit{"tally", leafPath(left)}, visit{"witness", leafPath(left)})
	}
	for i := range e.Rights {
		middle := middlePath(rightPath(e.Path), i)
		list = append(list, visit{"right", middle}, visit{"join", leafPath(middle)}, visit{"tally", leafPath(middle)}, visit{"witness", leafPath(middle)})
	}
	return list
}

// doomedVisit returns the visit that is given up, if there is one.
func (e *Root) doomedVisit() (v visit, ok bool) {
	return visit{"witness", leafPath(leftPath(e.Path, 0))}, e.Doomed
}
