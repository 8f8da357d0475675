package loop

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
)

// A server that does not answer must not keep a consumer from the partitions of other servers. A call cannot be taken
// back, so the consumer goes on without it, and leaves the partition alone until the call has ended.

// How long a consumer of several partitions waits for one of them, before it goes on with the others.
const (
	ReadPatience   = 300 * time.Millisecond
	settlePatience = time.Second
)

// errLate is the error of a call that a consumer does not wait for any longer.
var errLate error = &conn.LocalError{Text: "redis: the server of the partition takes its time", Later: true}

// LateCalls counts the calls of one kind for one partition that their callers did not wait for. While there is one, no
// other begins, because it would wait behind that. The zero value counts none.
type LateCalls struct {
	count atomic.Int32 // calls that are under way without their callers
}

// CallWithin makes a call, and returns its result. A call that takes longer than the limit, or than ctx lasts, goes
// on without the caller, and its result is lost. So the call must note its result where others find it, as a read does in
// the buffer, or be one that the caller may repeat, as a settle is.
func CallWithin[T any](ctx context.Context, l *LateCalls, limit time.Duration, call func() (T, error)) (result T, err error) {
	if l.count.Load() > 0 {
		return result, errLate
	}
	type outcome struct {
		result T
		err    error
	}
	// The channel has room for the outcome, so the goroutine of a late call ends when the call does.
	ended := make(chan outcome, 1)
	go func() {
		result, err := call()
		ended <- outcome{result, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	err = errLate
	select {
	case o := <-ended:
		return o.result, o.err
	case <-timer.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	// From here on the call is late, until its goroutine tells that it has ended.
	l.count.Add(1)
	go func() {
		<-ended
		l.count.Add(-1)
	}()
	return result, err
}
