package model

import "testing"

// TestFindLooksAtEachTypeOnce: each of 20 structs holds the next one twice, so that there are a
// million ways to the last one.
func TestFindLooksAtEachTypeOnce(t *testing.T) {
	top := &Type{Kind: Struct}
	for range 20 {
		top = &Type{Kind: Struct, Fields: []*Field{{Type: top}, {Type: top}}}
	}
	steps := 0
	found := top.Find((*Type).ByValue, func(*Type) bool { steps++; return false })
	if found != nil || steps != 21 {
		t.Errorf("found %v in %d steps, want 21", found, steps)
	}
}
