package loop

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
)

// What one page of work moves at most, so that no script takes long whatever is stored.
const (
	pageEvents = 500
	pageBytes  = 1 << 20

	// Parked events are copied for each organ that gets them, and merged from all parks.
	pageParked      = 200
	pageParkedBytes = 256 << 10
)

// handOver hands over a page of the parked events, and reports whether there are more. All parks that are being
// handed over are one call's, so that events keep their order across their types.
func (p *Partition) handOver(ctx context.Context) (more bool, err error) {
	if t, err := p.CurrentTable(ctx); err != nil || len(t.Draining) == 0 {
		return false, err
	}
	var request store.HandoverRequest
	r := p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
		var organs []string
		request = store.HandoverRequest{Keys: p.Keys(), Digest: t.Digest, Messages: pageParked, Bytes: pageParkedBytes}
		for event, names := range t.Draining {
			parked := store.HandoverEvent{Name: event}
			for _, name := range names {
				parked.Organs = append(parked.Organs, numberIn(&organs, name))
			}
			request.Events = append(request.Events, parked)
		}
		for _, name := range organs {
			pack := 1
			if to := t.Organs[name]; to != nil {
				pack = to.Pack
			}
			request.Organs = append(request.Organs, store.Target{Organ: name, Pack: pack})
		}
		return p.RunCall(ctx, request.Call())
	})
	if page, err := request.ReadReply(r); err != nil || !page.Done {
		return err == nil, err
	}
	t, err := p.ReloadTable(ctx)
	return err == nil && len(t.Draining) > 0, err
}

// turnFor moves what a former order of an organ has left behind, for so long and at least a page.
func (p *Partition) turnFor(ctx context.Context, q *queue, limit time.Duration) error {
	t, err := p.CurrentTable(ctx)
	if err != nil {
		return err
	}
	for start := time.Now(); ; {
		if to := t.Organs[q.organ]; to == nil || !to.Turning {
			return nil
		}
		request := store.TurnRequest{Keys: p.Keys(), Organ: q.organ, Consumer: p.process.Name, Lease: q.sub.Lease, Messages: pageEvents, Bytes: pageBytes}
		left, err := request.ReadReply(p.RunCall(ctx, request.Call()))
		if err != nil {
			return err
		}
		q.lookAgain()
		if left.Done {
			_, err := p.ReloadTable(ctx)
			return err
		}
		if left.Held || time.Since(start) >= limit {
			return nil
		}
	}
}

// settleBindings goes on with changes of bindings that are under way: modes that this process wants and
// another one kept, what a former order has left behind, and parks whose hand-over broke off.
func (p *Partition) settleBindings(ctx context.Context) {
	queues := p.sortedQueues()
	t, err := p.CurrentTable(ctx)
	for _, q := range queues {
		if err == nil && *q.wantedMode() != *q.mode.Load() {
			err = p.changeMode(ctx, q)
		}
		if err == nil && t.Organs[q.organ] != nil && t.Organs[q.organ].Turning {
			err = p.turnFor(ctx, q, 10*time.Millisecond)
		}
	}
	if err == nil && len(t.Draining) > 0 {
		_, err = p.handOver(ctx)
	}
	if err != nil && ctx.Err() == nil {
		p.process.Log.Debug("redis: cannot change a binding: the next look tries again", "error", p.ExplainError(err))
	}
}

// changeMode asks for the mode that this process wants.
func (p *Partition) changeMode(ctx context.Context, q *queue) error {
	var request store.ModeRequest
	r := p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
		m := q.wantedMode()
		if q.modeIn(t) == *m {
			return &resp.Reply{Raw: []byte("$4\r\nWAIT\r\n")}
		}
		request = store.ModeRequest{Keys: p.Keys(), Digest: t.Digest, Organ: q.organ, Process: p.process.Name, Order: m.Order, Exclusive: m.Exclusive}
		return p.RunCall(ctx, request.Call())
	})
	if changed, err := request.ReadReply(r); err != nil || !changed.Done {
		return err
	}
	if _, err := p.ReloadTable(ctx); err != nil {
		return err
	}
	return p.anchorKeys(ctx, []*queue{q}) // a former order's holds were deleted
}
