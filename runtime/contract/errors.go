package contract

import "errors"

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
	// ErrIDsFull: the backend remembers as many ids as it can, each for as long as its caller has asked.
	ErrIDsFull = errors.New("backend remembers as many ids as it can: ask for a shorter time, or publish without an id")
	// ErrNoOrgan: an operator named an organ that nothing has subscribed under.
	ErrNoOrgan = errors.New("organ is not known: nothing subscribed under this name")
)

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
