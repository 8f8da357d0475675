package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/necrostack/necrogen/internal/freeze"
	"github.com/necrostack/necrogen/runtime/contract"
)

// failure is why a delivery did not succeed. Once it is frozen it runs no code of users: their errors may panic,
// change, or be huge, and the log and the backend read them where no recover protects the process.
type failure struct {
	err     error
	reason  contract.Reason // what the dead letter says; ReasonExhausted while attempts are left
	stack   string          // of a panic
	delay   time.Duration   // what RetryAfter asked for, when delayed
	delayed bool
}

// permanentFailure is a failure that no retry mends.
func permanentFailure(reason contract.Reason, err error) *failure {
	return &failure{err: err, reason: reason}
}

// errAbandoned is the failure of a handler that ignored its cancelled context.
var errAbandoned = errors.New("handler ignored its cancelled context past timeout and grace, and was abandoned: let it return when its context is done")

// errGoexit is the failure of a handler that ended its goroutine.
var errGoexit = errors.New("handler called runtime.Goexit (a test's FailNow does)")

// errCrashed is the failure of a delivery that must not run any more.
var errCrashed = fmt.Errorf("the process died %d times while this delivery ran alone: mend its handler, then redrive it", crashesAlone)

// hopsError is the failure of a delivery that is further down its chain than its route allows.
func hopsError(d *contract.Delivery, r *Route) error {
	if d.Reserve > 0 {
		return fmt.Errorf("hop %d is beyond maxhops=%d and the %d in reserve for give-ups: does the chain run in a circle?", d.Hops, r.policy.MaxHops, d.Reserve)
	}
	return fmt.Errorf("hop %d is beyond maxhops=%d: does the chain run in a circle?", d.Hops, r.policy.MaxHops)
}

// maxStackBytes bounds the kept text of a stack: of a longer one the middle is left out.
const maxStackBytes = 64 << 10

// stackText returns the stack of this goroutine.
func stackText() string { return freeze.ShortenMiddle(string(debug.Stack()), maxStackBytes) }

// panicFailure is the failure of a handler that panicked with v.
func panicFailure(v any) *failure {
	return &failure{err: freeze.Panic(v), reason: contract.ReasonExhausted, stack: stackText()}
}

// freezeError reads all that is needed of the error: whether a retry could mend it, the delay it asks for,
// and its text.
func (f *failure) freezeError(ctx context.Context) {
	err := f.err
	defer func() {
		if v := recover(); v != nil {
			f.err, f.stack = freeze.Unreadable(err, v), stackText()
		}
	}()
	f.err = freeze.Error(err)
	if f.reason == contract.ReasonExhausted {
		f.classifyError(ctx, err)
	}
}

// classifyError reads what the error of a handler asks for, and adds that its context had ended.
func (f *failure) classifyError(ctx context.Context, err error) {
	if contract.IsPermanent(err) {
		f.reason = contract.ReasonPermanent
		return
	}
	var after *RetryAfterError
	if errors.As(err, &after) {
		f.delay, f.delayed = after.Delay, true
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		f.err = fmt.Errorf("%w (%w)", f.err, cause)
	}
}

// RetryAfterError is an error of a handler that sets the delay before the next attempt.
type RetryAfterError struct {
	Err   error
	Delay time.Duration
}

func (e *RetryAfterError) Error() string { return e.Err.Error() }

// Unwrap returns the handler's own error.
func (e *RetryAfterError) Unwrap() error { return e.Err }

// retryDelay is how long a delivery waits after its n-th failed attempt: what RetryAfter
// says, or exponential backoff with full jitter.
func (f *failure) retryDelay(p *contract.Policy, attempts int) time.Duration {
	if f.delayed {
		return f.delay
	}
	return jitterBelow(p.BackoffMin, p.BackoffMax, attempts)
}
