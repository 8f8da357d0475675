package necro

import "testing"

func TestNewIDsFromASourceAreDistinct(t *testing.T) {
	s, other := newIDSource(), newIDSource()
	a, b, c := s.nextID(), s.nextID(), other.nextID()
	if a == b || a == c || b == c || a.IsZero() {
		t.Errorf("ids %s %s %s", a, b, c)
	}
}
