package once

import (
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
)

func TestDo(t *testing.T) {
	const size = 10
	m, applied := New[int](size), 0
	apply := func(n int) int { return m.Do(necro.ID{byte(n)}, func() int { applied++; return n }) }
	for n := range 100 {
		for back := range min(size, n+1) { // the last ten are known
			if got := apply(n - back); got != n-back {
				t.Fatalf("answer to %d is %d", n-back, got)
			}
		}
	}
	if applied != 100 {
		t.Errorf("applied %d times, want 100", applied)
	}
	if held := len(m.young) + len(m.old); held > 2*size {
		t.Errorf("%d events are remembered, want at most %d", held, 2*size)
	}
	if apply(0); applied != 101 {
		t.Error("the first event is still remembered")
	}
}
