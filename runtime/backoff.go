package necro

import (
	"errors"
	"math/rand/v2"
	"time"
)

// retryDelay is how long a delivery waits after its n-th failed attempt: what RetryAfter
// says, or exponential backoff with full jitter.
func retryDelay(p *Policy, attempts int, err error) time.Duration {
	var after *retryAfterError
	if errors.As(err, &after) {
		return after.delay
	}
	return jitter(p.BackoffMin, p.BackoffMax, attempts)
}

// jitter returns a random delay between shortest and shortest·2^n, or longest.
func jitter(shortest, longest time.Duration, n int) time.Duration {
	top := longest
	if n < 32 && shortest <= longest>>n {
		top = shortest << n
	}
	return shortest + time.Duration(rand.Int64N(int64(max(top-shortest, 0))+1))
}
