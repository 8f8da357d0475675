package wire

import "testing"

// TestWideElementsAreBounded: a number of elements that only the input vouches for takes no more
// than 64 times the bytes that are left, and 64 KiB, however wide an element is.
func TestWideElementsAreBounded(t *testing.T) {
	type wide [1 << 10]byte
	for _, left := range []int{0, 1, 100, 10_000} {
		s := string(make([]byte, left))
		limit := 64*left + 64<<10
		if room := cap(MakeSlice[wide](s, left)); room*len(wide{}) > limit {
			t.Errorf("%d elements are given room for %d bytes", room, left)
		}
		if room := boundElements(s, left, 1<<10); room<<10 > limit {
			t.Errorf("%d entries are given room for %d bytes", room, left)
		}
	}
}
