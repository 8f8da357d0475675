package necroctl

import (
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestRecent wants an id that came lately to be known, and no more than two times as many as must
// be to be kept.
func TestRecent(t *testing.T) {
	r := recent{least: 4}
	id := func(i int) contract.ID { return contract.ID{15: byte(i)} }
	for i := range 100 {
		if !r.addNew(id(i)) {
			t.Errorf("%d is not new", i)
		}
		for j := max(0, i-3); j <= i; j++ {
			if r.addNew(id(j)) {
				t.Errorf("%d is new after %d", j, i)
			}
		}
		if n := len(r.current) + len(r.former); n > 8 {
			t.Errorf("%d are kept", n)
		}
	}
}
