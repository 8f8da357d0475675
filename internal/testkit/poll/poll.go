// Package poll waits in tests for other goroutines and processes, where time cannot be virtual.
package poll

import (
	"testing"
	"time"
)

const (
	// patience is longer than anything takes on a machine that has thirty times as much to do as it can.
	patience = 4 * time.Minute
	// pause lets a condition that asks a server be asked some hundred times a second at most.
	pause = 2 * time.Millisecond
)

// Until returns when the condition is true. It fails the test when its patience ends, and says what did not happen.
func Until(tb testing.TB, what string, condition func() bool) {
	tb.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(pause) {
		if time.Now().After(end) {
			tb.Fatalf("did not happen within %s: %s", patience, what)
		}
	}
}
