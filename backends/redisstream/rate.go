package redisstream

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TakeTokens takes tokens of an organ, which are all in the partition of its identity.
func (b *Backend) TakeTokens(ctx context.Context, organ string, r contract.Rate, n int) (taken int, wait time.Duration, err error) {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return 0, 0, err
	}
	p := b.partitions[b.partitionOf(&contract.Message{Key: organ})]
	if err := p.OpenOnce(ctx); err != nil {
		return 0, 0, p.ExplainError(err)
	}
	request := store.RateRequest{Keys: p.Keys(), Organ: organ, Count: r.Count, Per: r.Per, Wanted: n}
	reply, err := request.ReadReply(p.RunCall(ctx, request.Call()))
	if err != nil {
		return 0, 0, p.ExplainError(err)
	}
	return reply.Taken, reply.Wait, nil
}
