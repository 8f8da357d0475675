package necroctl

import (
	"cmp"
	"context"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// OpenRedis is the [Opener] of Redis. The number of partitions is read from there.
func OpenRedis(ctx context.Context, t Target) (contract.Backend, error) {
	b, err := redisstream.OpenExisting(ctx, t.URL, redisstream.WithNamespace(cmp.Or(t.Namespace, "default")), redisstream.WithLogger(nil))
	if err != nil {
		return nil, err
	}
	return b, nil
}
