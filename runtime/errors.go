package necro

import (
	"errors"
	"fmt"
	"time"
)

// Errors that callers can match with errors.Is.
var (
	// ErrFull: the backend holds its limit and nothing has started to consume, or it was
	// told not to wait.
	ErrFull = errors.New("backend is full")
	// ErrClosed: the spine or the backend was closed.
	ErrClosed = errors.New("closed")
	// ErrBatchTooLarge: more events in one PublishBatch than the backend takes in one step.
	ErrBatchTooLarge = errors.New("batch is too large")
	// ErrBackendUnavailable: the backend cannot be reached, or does not serve now. Publish returns
	// it, and so does Run when the backend failed as often as WithMaxBackendFailures allows.
	ErrBackendUnavailable = errors.New("backend is unavailable")
	// ErrBackendFull: the backend's server has no memory left for new events.
	ErrBackendFull = errors.New("backend has no memory left")
	// ErrNoOrgan: an operator named an organ that nothing has subscribed under.
	ErrNoOrgan = errors.New("organ is not known: nothing subscribed under this name")
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

// Permanent marks an error as one that no retry mends: the delivery is given up at once.
// Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

// IsPermanent reports whether an error is marked as one that no retry mends, by [Permanent].
func IsPermanent(err error) bool { return errors.As(err, new(*permanentError)) }

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// RetryAfter sets the delay before the next attempt in place of the backoff. A negative
// delay counts as zero. RetryAfter(nil, d) is nil.
func RetryAfter(err error, delay time.Duration) error {
	if err == nil {
		return nil
	}
	return &retryAfterError{err, max(delay, 0)}
}

type retryAfterError struct {
	err   error
	delay time.Duration
}

func (e *retryAfterError) Error() string { return e.err.Error() }
func (e *retryAfterError) Unwrap() error { return e.err }
