package redisstream

import (
	"context"
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// RemoveOrgan forgets an organ that has no consumers, by any of its names, with everything stored for
// it. Its events are parked from then on, unless another organ handles them.
func (b *Backend) RemoveOrgan(ctx context.Context, organ string) error {
	_, err := b.eachPartition(ctx, organ, func(p *section, organ string) (int, error) { return 0, p.removeOrgan(ctx, organ) })
	return err
}

// removeOrgan forgets an organ, and then deletes its scheduled deliveries, page by page.
func (p *section) removeOrgan(ctx context.Context, organ string) error {
	var request store.RemoveRequest
	r := p.callFresh(ctx, func(t *bindings) *resp.Reply {
		request = store.RemoveRequest{Keys: p.keys(), Digest: t.digest, Organ: organ, Rows: t.rowsOf(organ), Events: t.eventsOf(organ)}
		return p.RunCall(ctx, request.Call())
	})
	removed, err := request.ReadReply(r)
	if err != nil {
		return err
	}
	if removed.Consumers > 0 {
		return fmt.Errorf("redis: organ %s has %d consumers: stop them first", organ, removed.Consumers)
	}
	t, err := p.reloadTable(ctx)
	if err != nil || !t.removing[organ] {
		return err
	}
	return p.deleteScheduled(ctx, organ)
}
