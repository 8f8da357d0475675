package redisstream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// timeLeft is how long an event is still to wait that is due at a time in nanoseconds since 1970. The server's clock counts
// from then on: the clocks of processes may differ.
func timeLeft(due int64) time.Duration { return time.Until(time.Unix(0, due)) }

// Cancel takes a delayed event out of the schedule. It asks all partitions, because the id does not tell in which one the
// event waits; where none of those that answer has it, one that cannot be reached is an error.
func (b *Backend) Cancel(ctx context.Context, id contract.ID) (bool, error) {
	if err := b.connectOnce(ctx); err != nil {
		return false, err
	}
	errs := make([]error, len(b.partitions))
	var found atomic.Bool
	var asking sync.WaitGroup
	for i, p := range b.partitions {
		asking.Go(func() {
			request := store.CancelRequest{Keys: p.keys(), Event: id[:]}
			reply, err := request.ReadReply(p.RunCall(ctx, request.Call()))
			if err != nil {
				errs[i] = p.ExplainError(err)
			} else if reply.Found {
				found.Store(true)
			}
		})
	}
	asking.Wait()
	if found.Load() {
		return true, nil
	}
	if err := errors.Join(errs...); err != nil {
		return false, fmt.Errorf("cancel %s: it may still be delivered: %w", id, err)
	}
	return false, nil
}
