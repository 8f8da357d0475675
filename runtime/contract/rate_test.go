package contract

import (
	"testing"
	"time"
)

// TestRate spends what there is whenever there is some, for an hour.
func TestRate(t *testing.T) {
	for _, r := range []Rate{{100, time.Minute}, {1, time.Minute}, {7, time.Second}, {5_000, time.Second}} {
		var spent, now int64 = 0, 1 << 60
		began, all := now, 0
		for now-began < int64(60*r.Per) {
			taken, up, wait := r.Spend(spent, now, r.Block())
			if taken > r.Block() || (taken == 0) != (wait > 0) || wait > r.tokenInterval() {
				t.Fatalf("%v: %d taken, wait %v", r, taken, wait)
			}
			spent, all, now = up, all+taken, now+int64(wait)
		}
		if most := 60*r.Count + r.Block() + 1; all > most || all < 60*r.Count-1 {
			t.Errorf("%v: %d in 60 periods, want %d at most", r, all, most)
		}
		if taken, _, _ := r.Spend(now+int64(time.Hour), now, 1); taken != 0 {
			t.Errorf("%v: nothing is left, and %d is taken", r, taken)
		}
		if _, up, _ := r.Spend(now+int64(time.Hour), now, 1); up > now+int64(r.Burst()) {
			t.Errorf("%v: a number of the far future stays", r)
		}
	}
}
