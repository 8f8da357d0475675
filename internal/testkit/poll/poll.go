// Package poll waits in tests for other goroutines and processes, where time cannot be virtual.
package poll

import (
	"testing"
	"time"
)

// pause lets a condition that asks a server be asked some hundred times a second at most.
const pause = 2 * time.Millisecond

// patienceOf is longer than anything takes on a machine that has thirty times as much to do as it can. It grows with the -timeout of
// go test, because a run that expects failures has a short one.
func patienceOf(tb testing.TB) time.Duration {
	const least, most = time.Minute, 4 * time.Minute
	if t, ok := tb.(*testing.T); ok {
		if deadline, limited := t.Deadline(); limited {
			return min(most, max(least, time.Until(deadline)/4))
		}
	}
	return most
}

// Until returns when the condition is true. It fails the test when the patience for it ends, and says what did not happen.
func Until(tb testing.TB, what string, condition func() bool) {
	tb.Helper()
	patience := patienceOf(tb)
	for end := time.Now().Add(patience); !condition(); time.Sleep(pause) {
		if time.Now().After(end) {
			tb.Fatalf("did not happen within %s: %s", patience, what)
		}
	}
}
