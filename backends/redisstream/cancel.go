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

// Cancel takes a delayed event out of the schedule. It asks all partitions, because the id does not tell in which one the
// event waits; where none of those that answer has it, one that cannot be reached is an error.
func (b *Backend) Cancel(ctx context.Context, id contract.ID) (bool, error) {
	found, err := b.findDelayed(ctx, func(p *partition) (bool, error) {
		request := store.CancelRequest{Keys: p.Keys(), Event: id[:]}
		reply, err := request.ReadReply(p.RunCall(ctx, request.Call()))
		return reply.Found, err
	})
	if err != nil {
		return false, fmt.Errorf("cancel %s: it may still be delivered: %w", id, err)
	}
	return found, nil
}

// RunScheduled makes a delayed event due now. It asks all partitions, as Cancel does.
func (b *Backend) RunScheduled(ctx context.Context, id contract.ID) (bool, error) {
	found, err := b.findDelayed(ctx, func(p *partition) (bool, error) {
		request := store.RunNowRequest{Keys: p.Keys(), Event: id[:]}
		reply, err := request.ReadReply(p.RunCall(ctx, request.Call()))
		if reply.Found {
			p.AddDueTime(time.Now()) // else the process that sweeps finds it within a second
		}
		return reply.Found, err
	})
	if err != nil {
		return false, fmt.Errorf("run %s: it may still wait for its time: %w", id, err)
	}
	return found, nil
}

// findDelayed asks all partitions at once, and reports whether one has found what it was asked for. Where none has, the
// errors of those that did not answer are returned.
func (b *Backend) findDelayed(ctx context.Context, ask func(p *partition) (found bool, err error)) (bool, error) {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return false, err
	}
	errs := make([]error, len(b.partitions))
	var anyFound atomic.Bool
	var asking sync.WaitGroup
	for i, p := range b.partitions {
		asking.Go(func() {
			found, err := ask(p)
			if found {
				anyFound.Store(true)
			}
			errs[i] = p.ExplainError(err)
		})
	}
	asking.Wait()
	if anyFound.Load() {
		return true, nil
	}
	return false, errors.Join(errs...)
}
