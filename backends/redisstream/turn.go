package redisstream

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
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
func (p *partition) handOver(ctx context.Context) (more bool, err error) {
	if t, err := p.currentTable(ctx); err != nil || len(t.draining) == 0 {
		return false, err
	}
	var request store.HandoverRequest
	r := p.callFresh(ctx, func(t *bindings) *resp.Reply {
		var organs []string
		request = store.HandoverRequest{Keys: p.keys(), Digest: t.digest, Messages: pageParked, Bytes: pageParkedBytes}
		for event, names := range t.draining {
			parked := store.HandoverEvent{Name: event}
			for _, name := range names {
				parked.Organs = append(parked.Organs, numberIn(&organs, name))
			}
			request.Events = append(request.Events, parked)
		}
		for _, name := range organs {
			pack := 1
			if to := t.organs[name]; to != nil {
				pack = to.pack
			}
			request.Organs = append(request.Organs, store.Target{Organ: name, Pack: pack})
		}
		return p.RunCall(ctx, request.Call())
	})
	if page, err := request.ReadReply(r); err != nil || !page.Done {
		return err == nil, err
	}
	t, err := p.reloadTable(ctx)
	return err == nil && len(t.draining) > 0, err
}

// turnFor moves what a former order of an organ has left behind, for so long and at least a page.
func (p *partition) turnFor(ctx context.Context, q *queue, limit time.Duration) error {
	t, err := p.currentTable(ctx)
	if err != nil {
		return err
	}
	for start := time.Now(); ; {
		if to := t.organs[q.organ]; to == nil || !to.turning {
			return nil
		}
		request := store.TurnRequest{Keys: p.keys(), Organ: q.organ, Consumer: p.b.name, Lease: q.sub.Lease, Messages: pageEvents, Bytes: pageBytes}
		left, err := request.ReadReply(p.RunCall(ctx, request.Call()))
		if err != nil {
			return err
		}
		q.lookAgain()
		if left.Done {
			_, err := p.reloadTable(ctx)
			return err
		}
		if left.Held || time.Since(start) >= limit {
			return nil
		}
	}
}

// settleBindings goes on with changes of bindings that are under way: modes that this process wants and
// another one kept, what a former order has left behind, and parks whose hand-over broke off.
func (p *partition) settleBindings(ctx context.Context) {
	queues := p.sortedQueues()
	t, err := p.currentTable(ctx)
	for _, q := range queues {
		if err == nil && *q.wantedMode() != *q.mode.Load() {
			err = p.changeMode(ctx, q)
		}
		if err == nil && t.organs[q.organ] != nil && t.organs[q.organ].turning {
			err = p.turnFor(ctx, q, 10*time.Millisecond)
		}
	}
	if err == nil && len(t.draining) > 0 {
		_, err = p.handOver(ctx)
	}
	if err != nil && ctx.Err() == nil {
		p.b.log.Debug("redis: cannot change a binding: the next look tries again", "error", p.ExplainError(err))
	}
}

// changeMode asks for the mode that this process wants.
func (p *partition) changeMode(ctx context.Context, q *queue) error {
	var request store.ModeRequest
	r := p.callFresh(ctx, func(t *bindings) *resp.Reply {
		m := q.wantedMode()
		if q.modeIn(t) == *m {
			return &resp.Reply{Raw: []byte("$4\r\nWAIT\r\n")}
		}
		request = store.ModeRequest{Keys: p.keys(), Digest: t.digest, Organ: q.organ, Process: p.b.name, Order: m.order, Exclusive: m.exclusive}
		return p.RunCall(ctx, request.Call())
	})
	if changed, err := request.ReadReply(r); err != nil || !changed.Done {
		return err
	}
	if _, err := p.reloadTable(ctx); err != nil {
		return err
	}
	return p.anchorKeys(ctx, []*queue{q}) // a former order's holds were deleted
}
