package necro

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// failure is why a delivery did not succeed. Once it is frozen it runs no code of users: their errors
// may panic, change, or be huge, and what is logged and stored of them is read where no recover
// stands around it.
type failure struct {
	err     error
	reason  Reason        // what the dead letter says; ReasonExhausted while attempts are left
	stack   string        // of a panic
	delay   time.Duration // what RetryAfter asked for, when delayed
	delayed bool
}

func permanentFailure(reason Reason, err error) *failure { return &failure{err: err, reason: reason} }

// errAbandoned is the failure of a handler that ignored its cancelled context.
var errAbandoned = errors.New("handler ignored its cancelled context past timeout and grace, and was abandoned")

// errGoexit is the failure of a handler that ended its goroutine.
var errGoexit = errors.New("handler called runtime.Goexit (a test's FailNow does)")

// errCrashed is the failure of a delivery that must not run any more.
var errCrashed = fmt.Errorf("the process died %d times while this delivery ran alone", crashesAlone)

func hopsError(d *Delivery, r *route) error {
	return fmt.Errorf("hop %d is beyond maxhops=%d: does the chain run in a circle?", d.Hops, r.policy.MaxHops)
}

// Bounds of what is kept of an error: of longer ones the middle is left out.
const (
	maxErrorBytes = 16 << 10
	maxStackBytes = 64 << 10
)

// shortenMiddle returns a text of about limit bytes at most: its beginning and its end tell most.
func shortenMiddle(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	half := limit / 2
	return fmt.Sprintf("%s … %d bytes left out … %s", text[:half], len(text)-2*half, text[len(text)-half:])
}

// frozenError is an error with the text that it had when it was returned.
type frozenError struct {
	text string
	err  error // nil when its own methods panic
}

func (e *frozenError) Error() string { return e.text }
func (e *frozenError) Unwrap() error { return e.err }

// freezeError calls the methods of an error once. When one of them panics, the text says so.
func freezeError(err error) (frozen error) {
	defer func() {
		if v := recover(); v != nil {
			frozen = &frozenError{text: unreadableText(err, v)}
		}
	}()
	return &frozenError{text: shortenMiddle(err.Error(), maxErrorBytes), err: err}
}

// unreadableText describes an error whose own methods panic with v. An error variable of a pointer
// type that is nil is the usual one.
func unreadableText(err error, v any) string {
	hint := ""
	if panicText(err) == "panic: <nil>" {
		hint = " (it is a nil pointer in an error: return nil itself)"
	}
	return fmt.Sprintf("an error of type %T cannot be read%s: %s", err, hint, panicText(v))
}

// panicText describes a value that was panicked with, whose own methods may panic, too.
func panicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("panic: a %T that cannot be printed", v)
		}
	}()
	return shortenMiddle(fmt.Sprintf("panic: %v", v), maxErrorBytes)
}

// panicFailure is the failure of a handler that panicked with v.
func panicFailure(v any) *failure {
	stack := shortenMiddle(string(debug.Stack()), maxStackBytes)
	frozen := &frozenError{text: panicText(v)}
	frozen.err, _ = v.(error)
	return &failure{err: frozen, reason: ReasonExhausted, stack: stack}
}

// freeze reads all that is needed of the error: whether a retry could mend it, the delay it asks for,
// and its text.
func (f *failure) freeze(ctx context.Context) {
	err := f.err
	defer func() {
		if v := recover(); v != nil {
			f.err, f.stack = &frozenError{text: unreadableText(err, v)}, shortenMiddle(string(debug.Stack()), maxStackBytes)
		}
	}()
	f.err = freezeError(err)
	if f.reason == ReasonExhausted {
		f.classify(ctx, err)
	}
}

// classify reads what the error of a handler asks for, and adds that its context had ended.
func (f *failure) classify(ctx context.Context, err error) {
	if errors.As(err, new(*permanentError)) {
		f.reason = ReasonPermanent
		return
	}
	var after *retryAfterError
	if errors.As(err, &after) {
		f.delay, f.delayed = after.delay, true
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		f.err = fmt.Errorf("%w (%w)", f.err, cause)
	}
}

// retryDelay is how long a delivery waits after its n-th failed attempt: what RetryAfter
// says, or exponential backoff with full jitter.
func (f *failure) retryDelay(p *Policy, attempts int) time.Duration {
	if f.delayed {
		return f.delay
	}
	return jitter(p.BackoffMin, p.BackoffMax, attempts)
}
