package check

import "github.com/necrostack/necrogen/internal/spec"

const (
	leaveOut = "leave it out with `msgpack:\"-\"`"
	keepIt   = "it means nothing in another process: " + leaveOut + ", or keep it in the organ"
)

// refused lists the types that are never encoded, each with advice.
var refused = []struct {
	match func(*spec.Type) bool
	hint  string
}{
	{func(t *spec.Type) bool { return t.Path == "sync/atomic" }, "copying it is a bug: take the plain type"},
	{func(t *spec.Type) bool { return t.Path == "sync" }, "copying it is a bug: keep it in the organ"},
	{ofKind("uintptr"), "an address means nothing in another process; for a number take uint64"},
	{ofKind("interface"), "nobody can tell what to read: take any, or a struct with a pointer for each case"},
	{ofKind("complex"), "msgpack has no complex numbers: take two floats"},
	{func(t *spec.Type) bool { return t.Kind == spec.Other }, keepIt},
	{onlyPointers, "it holds nothing but pointers to itself: " + leaveOut},
}

// ofKind matches types that are not encoded by their kind in Go.
func ofKind(what string) func(*spec.Type) bool {
	return func(t *spec.Type) bool { return t.Kind == spec.Other && t.OtherKind == what }
}

// onlyPointers matches type P *P.
func onlyPointers(t *spec.Type) bool {
	seen := map[*spec.Type]bool{}
	for ; t.Kind == spec.Pointer; t = t.Elem {
		if seen[t] {
			return true
		}
		seen[t] = true
	}
	return false
}
