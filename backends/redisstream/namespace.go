package redisstream

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// OpenExisting is Open for an operator's tool: the namespace must be there, which an operator
// would otherwise make by a slip, and it says how many partitions there are.
func OpenExisting(ctx context.Context, url string, options ...Option) (*Backend, error) {
	b, err := Open(url, options...)
	if err != nil {
		return nil, err
	}
	if err := refusePlain(ctx, url); err != nil {
		b.Close()
		return nil, err
	}
	meta := b.partitions[0].key("meta")
	n, err := b.client.HGet(ctx, meta, "partitions").Int()
	if errors.Is(err, redis.Nil) {
		err = fmt.Errorf("redis: there is no namespace %s%s", b.namespace, b.otherNamespaces(ctx))
	} else if err != nil {
		err = b.partitions[0].node.explainError(err)
	}
	b.Close()
	if err != nil {
		return nil, err
	}
	return Open(url, append(options, WithPartitions(n))...)
}

// otherNamespaces names the namespaces that there are, where the user may ask for them.
func (b *Backend) otherNamespaces(ctx context.Context) string {
	var names []string
	for cursor, first := uint64(0), true; first || cursor != 0; first = false {
		keys, next, err := b.client.Scan(ctx, cursor, "necro:{*:0}:meta", 1000).Result()
		if err != nil {
			return ""
		}
		for _, key := range keys {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(key, "necro:{"), ":0}:meta"))
		}
		cursor = next
	}
	if len(names) == 0 {
		return "; nor is there any other on this server"
	}
	return "; there are " + strings.Join(names, ", ")
}
