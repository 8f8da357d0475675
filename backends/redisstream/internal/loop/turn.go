package loop

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
)

// Bounds of the messages that one page of work moves, so that no script takes long whatever is stored.
const (
	pageEvents = 500
	pageBytes  = 1 << 20

	// Parked events are copied for each organ that gets them, and merged from all parks.
	pageParked      = 200
	pageParkedBytes = 256 << 10
)

// Three changes of bindings take more than one step, because they move messages: a park is handed over to the organs that
// bind its event, a former order lets go of the messages that it held back, and an organ gets a mode that another process
// wanted kept. The table of bindings notes that a change is under way. Each step is one script, which any process may run,
// so that the process which began may end at any time. While a park is handed over, newer events go behind it into the
// park, and none goes to an organ directly: so the organ gets all of them in stored order.

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

// turnFor moves the messages that a former order of an organ has left behind, page by page, for so long and at least a
// page. Entries that a process still holds are left to it, and the next look tries again.
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

// isTurning reports whether a former mode of the organ has left something behind, as far as this process knows.
func (q *queue) isTurning() bool {
	t := q.p.tables.current.Load()
	return t != nil && t.Organs[q.organ] != nil && t.Organs[q.organ].Turning
}

// settleBindings goes on with changes of bindings that are under way: modes that this process wants and another one kept,
// messages that a former order has left behind, and parks whose hand-over broke off. The goroutine of the schedule calls
// it with each sweep, so it does a little of each. An error ends it, and the next sweep tries again.
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

// changeMode asks for the mode that this process wants. The server keeps the bound one while another living
// process wants that, or while messages of a former order wait to be moved; then the next look asks again.
func (p *Partition) changeMode(ctx context.Context, q *queue) error {
	var request store.ModeRequest
	r := p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
		m := q.wantedMode()
		if q.modeIn(t) == *m {
			return &resp.Reply{Raw: []byte("$4\r\nWAIT\r\n")}
		}
		request = store.ModeRequest{Keys: p.Keys(), Digest: t.Digest, Organ: q.organ, Process: p.process.Name, Order: m.OrderWord(), Exclusive: m.Exclusive}
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
