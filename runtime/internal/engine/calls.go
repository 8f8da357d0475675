package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Bounds of the delay before a failed backend call is repeated.
const (
	callBackoffMin = 10 * time.Millisecond
	CallBackoffMax = 5 * time.Second
)

// Calls counts the calls of the backend that failed in a row.
//
// Every goroutine that calls the backend notes how its call ended. A failed call is repeated after a delay that
// grows with the failures of all of them, because they share one backend: organs that repeat their calls each at its
// own pace would not let a server recover. The log has one line when trouble begins and one when it ends, and says the rest at
// the level of debugging.
//
// log and max are written before the first call. The counters are atomics, because every goroutine that calls the
// backend changes them, and most calls succeed and need no mutex.
type Calls struct {
	log    *slog.Logger
	max    int64 // 0 for no limit; the run is stopped when it is reached
	inARow atomic.Int64
	total  atomic.Uint64

	mu      sync.Mutex
	last    error // of the call that failed last; guarded by mu
	trouble trouble
}

// NoteSuccess notes a call that did not fail. Without trouble it costs one load.
func (c *Calls) NoteSuccess(what, organ string) {
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

// NoteRecovery notes that the backend answers, and that no call has failed for a while. It is for kinds of calls that
// are not made any more, so that no success of theirs ends their trouble.
func (c *Calls) NoteRecovery() {
	c.inARow.Store(0)
	if c.trouble.endAllTrouble() {
		c.tellEnd()
	}
}

// tellEnd logs that trouble is over, and how much of it there was.
func (c *Calls) tellEnd() {
	took, n := c.trouble.lastTrouble()
	c.log.Info("backend answers again", "after", took.Round(time.Millisecond), "failed_calls", n)
}

// LastError returns the error of the last call when that failed, else nil. The counter is read without the mutex: it
// may say that a call failed whose error is not noted yet, and then the error before it is returned.
func (c *Calls) LastError() error {
	if c.inARow.Load() == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// Failures returns how many calls failed so far.
func (c *Calls) Failures() uint64 { return c.total.Load() }

// QuietFor returns how long no call has failed, while there is trouble.
func (c *Calls) QuietFor() (d time.Duration, in bool) { return c.trouble.quietFor() }

// EndTrouble forgets the trouble of a run that has ended.
func (c *Calls) EndTrouble() { c.trouble.endAllTrouble() }

// logFailure logs a failed call: as a warning when trouble begins, else for debugging. One line for each failed call
// would fill the log of a server that is down for an hour, and say nothing new.
func (c *Calls) logFailure(what, organ string, err error, n int64) {
	log, level := c.log, slog.LevelDebug
	if organ != "" { // it is about all of them otherwise
		log = log.With("organ", organ)
	}
	if c.trouble.beginTrouble(what, organ) {
		level = slog.LevelWarn
	}
	log.Log(context.Background(), level, "backend call failed", "call", what, "error", err, "in_a_row", n)
}

// WithLastError adds the error of the last call to err when that failed.
func (c *Calls) WithLastError(err error) error {
	if last := c.LastError(); err != nil && last != nil {
		return fmt.Errorf("%w; the backend's last call failed: %w", err, last)
	}
	return err
}

// NoteFailedCall notes a failed call and waits before it is repeated. It reports whether to repeat it. A call that
// ended because its context did is no failure. A closed backend ends the run, since no repetition helps; the limit of
// failures in a row ends it, too. The caller holds no mutex, because this waits up to CallBackoffMax.
func (r *Run) NoteFailedCall(ctx context.Context, what, organ string, err error) (again bool) {
	if ctx.Err() != nil {
		return false
	}
	if errors.Is(err, contract.ErrClosed) {
		r.Stop(fmt.Errorf("%s: %w", what, err))
		return false
	}
	c := &r.engine.Calls
	n := c.inARow.Add(1)
	c.total.Add(1)
	c.mu.Lock()
	c.last = err
	c.mu.Unlock()
	c.logFailure(what, organ, err, n)
	if c.max > 0 && n >= c.max {
		r.Stop(fmt.Errorf("%w: %d calls failed in a row: %s: %w", contract.ErrBackendUnavailable, n, what, err))
		return false
	}
	timer := time.NewTimer(jitterBelow(callBackoffMin, CallBackoffMax, int(n)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
