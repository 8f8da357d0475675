package redisstream

import (
	"context"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Subscribe binds organs, all of them in one step in each partition.
func (b *Backend) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	return b.process.Subscribe(ctx, subs)
}
