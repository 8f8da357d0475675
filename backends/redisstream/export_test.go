package redisstream

import "context"

// Promote stores what is due as a backend does that has found that these organs have something.
func Promote(ctx context.Context, b *Backend, organs ...string) error {
	_, err := b.partitions[0].MoveDue(ctx, organs)
	return err
}
