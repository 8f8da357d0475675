package redisstream

import "context"

// Promote stores what is scheduled as a backend does that has found it due.
func Promote(ctx context.Context, b *Backend, due []string) error {
	return b.partitions[0].move(ctx, due)
}
