package necro

import (
	"math/rand/v2"
	"time"
)

// jitter returns a random delay between shortest and shortest·2^n, or longest.
func jitter(shortest, longest time.Duration, n int) time.Duration {
	top := longest
	if n < 32 && shortest <= longest>>n {
		top = shortest << n
	}
	return shortest + time.Duration(rand.Int64N(int64(max(top-shortest, 0))+1))
}
