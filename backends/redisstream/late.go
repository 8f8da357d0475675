package redisstream

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// How long a consumer of several partitions waits for one of them, before it goes on with the others.
const (
	readPatience   = 300 * time.Millisecond
	settlePatience = time.Second
)

// errLate is the error of a call that a consumer does not wait for any longer.
var errLate = errors.New("redis: the server of the partition takes its time")

// lateCalls are calls for one partition that their callers did not wait for. While there is one, no
// other begins: it would wait behind that.
type lateCalls struct{ count atomic.Int32 }

// within makes a call, and returns its error. A call that takes longer than the limit, or than ctx
// lasts, goes on without the caller, who must not use what it returns.
func (l *lateCalls) within(ctx context.Context, limit time.Duration, call func() error) error {
	if l.count.Load() > 0 {
		return errLate
	}
	ended := make(chan error, 1)
	go func() { ended <- call() }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	err := errLate
	select {
	case err := <-ended:
		return err
	case <-timer.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	l.count.Add(1)
	go func() {
		<-ended
		l.count.Add(-1)
	}()
	return err
}
