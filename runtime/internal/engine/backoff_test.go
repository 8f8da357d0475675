package engine

import (
	"testing"
	"time"
)

// TestJitterSpreads: what failed together is not tried again together.
func TestJitterSpreads(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 100 {
		seen[jitterBelow(time.Millisecond, time.Second, 5)] = true
	}
	if len(seen) < 90 {
		t.Errorf("100 delays have %d values", len(seen))
	}
}
