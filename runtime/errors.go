package necro

import (
	"errors"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// Errors that callers can match with errors.Is.
var (
	// ErrPaused: Drain cannot finish, for a paused organ has work.
	ErrPaused = errors.New("organ is paused")
	// ErrMaxSteps: this process handled as many deliveries as WithMaxSteps allows.
	ErrMaxSteps = errors.New("maximum number of steps reached")
)

// HaltedError is what Run returns after a delivery of an organ with onfail=halt was given up.
type HaltedError struct {
	Organ string
	Event string
	ID    ID    // of the event
	Err   error // the failure of the last attempt
}

// Error names the organ, the event and the failure.
func (e *HaltedError) Error() string {
	return fmt.Sprintf("organ %s halted at %s %s: %v", e.Organ, e.Event, e.ID, e.Err)
}

// Unwrap returns the failure of the last attempt.
func (e *HaltedError) Unwrap() error { return e.Err }

// RetryAfter sets the delay before the next attempt in place of the backoff. A negative
// delay counts as zero. RetryAfter(nil, d) is nil.
func RetryAfter(err error, delay time.Duration) error {
	if err == nil {
		return nil
	}
	return &engine.RetryAfterError{Err: err, Delay: max(delay, 0)}
}
