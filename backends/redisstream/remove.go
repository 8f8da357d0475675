package redisstream

import (
	"context"
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
)

// RemoveOrgan forgets an organ that has no consumers, by any of its names, with everything stored for
// it. Its events are parked from then on, unless another organ handles them.
func (b *Backend) RemoveOrgan(ctx context.Context, organ string) error {
	_, err := b.eachPartition(ctx, organ, func(p *partition, organ string) (int, error) { return 0, p.removeOrgan(ctx, organ) })
	return err
}

// removeOrgan forgets an organ, and then deletes its scheduled deliveries, page by page.
func (p *partition) removeOrgan(ctx context.Context, organ string) error {
	var request store.RemoveRequest
	r := p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
		request = store.RemoveRequest{Keys: p.Keys(), Digest: t.Digest, Organ: organ, Rows: t.RowsOf(organ), Events: t.EventsOf(organ)}
		return p.RunCall(ctx, request.Call())
	})
	removed, err := request.ReadReply(r)
	if err != nil {
		return err
	}
	if removed.Consumers > 0 {
		return fmt.Errorf("redis: organ %s has %d consumers: stop them first", organ, removed.Consumers)
	}
	t, err := p.ReloadTable(ctx)
	if err != nil || !t.Removing[organ] {
		return err
	}
	return p.DeleteScheduled(ctx, organ)
}
