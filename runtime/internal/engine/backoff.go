package engine

import (
	"math/rand/v2"
	"time"
)

// jitterBelow returns a random delay between shortest and shortest·2^n, or longest. A number below 0,
// as a broken backend may have it, is 0.
func jitterBelow(shortest, longest time.Duration, n int) time.Duration {
	top := longest
	n = max(n, 0)
	if n < 32 && shortest <= longest>>n {
		top = shortest << n
	}
	return shortest + time.Duration(rand.Int64N(int64(max(top-shortest, 0))+1))
}
