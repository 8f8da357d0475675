package necro

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of the delay before a failed backend call is repeated.
const (
	callBackoffMin = 10 * time.Millisecond
	callBackoffMax = 5 * time.Second
)

// backendCalls counts the calls of the backend that failed in a row.
type backendCalls struct {
	log    *slog.Logger
	max    int64 // 0 for no limit
	inARow atomic.Int64
	total  atomic.Uint64

	mu      sync.Mutex
	last    error
	trouble trouble
}

// noteSuccess notes a call that did not fail. Without trouble it costs one load.
func (c *backendCalls) noteSuccess(what, organ string) {
	if c.inARow.Load() != 0 {
		c.inARow.Store(0)
	}
	if !c.trouble.any.Load() {
		return
	}
	if c.trouble.endTrouble(what, organ) {
		c.tellEnd()
	}
}

// noteRecovery notes that the backend answers, and that no call has failed for a while.
func (c *backendCalls) noteRecovery() {
	c.inARow.Store(0)
	if c.trouble.endAllTrouble() {
		c.tellEnd()
	}
}

func (c *backendCalls) tellEnd() {
	took, n := c.trouble.lastTrouble()
	c.log.Info("backend answers again", "after", took.Round(time.Millisecond), "failed_calls", n)
}

// lastError returns the error of the last call when that failed, else nil.
func (c *backendCalls) lastError() error {
	if c.inARow.Load() == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// logFailure logs a failed call: as a warning when trouble begins, else for debugging.
func (c *backendCalls) logFailure(what, organ string, err error, n int64) {
	log, level := c.log, slog.LevelDebug
	if organ != "" { // it is about all of them otherwise
		log = log.With("organ", organ)
	}
	if c.trouble.beginTrouble(what, organ) {
		level = slog.LevelWarn
	}
	log.Log(context.Background(), level, "backend call failed", "call", what, "error", err, "in_a_row", n)
}

// withLastError adds the error of the last call to err when that failed.
func (c *backendCalls) withLastError(err error) error {
	if last := c.lastError(); err != nil && last != nil {
		return fmt.Errorf("%w; the backend's last call failed: %w", err, last)
	}
	return err
}

// noteFailedCall notes a failed call and waits before it is repeated. It reports whether to repeat
// it. A call that ended because its context did is no failure.
func (r *run) noteFailedCall(ctx context.Context, what, organ string, err error) (again bool) {
	if ctx.Err() != nil {
		return false
	}
	if errors.Is(err, ErrClosed) {
		r.stopFor(fmt.Errorf("%s: %w", what, err))
		return false
	}
	c := r.calls
	n := c.inARow.Add(1)
	c.total.Add(1)
	c.mu.Lock()
	c.last = err
	c.mu.Unlock()
	c.logFailure(what, organ, err, n)
	if c.max > 0 && n >= c.max {
		r.stopFor(fmt.Errorf("%w: %d calls failed in a row: %s: %w", ErrBackendUnavailable, n, what, err))
		return false
	}
	timer := time.NewTimer(jitterBelow(callBackoffMin, callBackoffMax, int(n)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
