package check

import "github.com/necrostack/necrogen/internal/gen/model"

const (
	leaveOut = "leave it out with `msgpack:\"-\"`"
	keepIt   = "it means nothing in another process: " + leaveOut + ", or keep it in the organ"
)

// refused lists the types that are never encoded, each with advice.
var refused = []struct {
	match func(*model.Type) bool
	hint  string
}{
	{func(t *model.Type) bool { return t.Path == "sync/atomic" }, "copying it is a bug: take the plain type"},
	{func(t *model.Type) bool { return t.Path == "sync" }, "copying it is a bug: keep it in the organ"},
	{ofKind("uintptr"), "an address means nothing in another process; for a number take uint64"},
	{ofKind("interface"), "nobody can tell what to read: take any, or a struct with a pointer for each case"},
	{ofKind("complex"), "msgpack has no complex numbers: take two floats"},
	{func(t *model.Type) bool { return t.Kind == model.Other }, keepIt},
	{onlyPointers, "it holds nothing but pointers to itself: " + leaveOut},
}

// ofKind matches types that are not encoded by their kind in Go.
func ofKind(what string) func(*model.Type) bool {
	return func(t *model.Type) bool { return t.Kind == model.Other && t.OtherKind == what }
}

// onlyPointers matches type P *P.
func onlyPointers(t *model.Type) bool {
	seen := map[*model.Type]bool{}
	for ; t.Kind == model.Pointer; t = t.Elem {
		if seen[t] {
			return true
		}
		seen[t] = true
	}
	return false
}
