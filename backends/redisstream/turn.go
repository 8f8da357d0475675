package redisstream

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

// What one page of work moves at most, so that no script takes long whatever is stored.
const (
	pageEvents = 500
	pageBytes  = 1 << 20

	// What waits in parks is copied for each organ that gets it, and merged from all parks.
	pageParked      = 200
	pageParkedBytes = 256 << 10
)

// handOver hands over a page of what is parked, and reports whether there is more. All parks that are
// being handed over are one call's, so that events keep their order across their types.
func (p *partition) handOver(ctx context.Context) (more bool, err error) {
	if t, err := p.table(ctx); err != nil || len(t.draining) == 0 {
		return false, err
	}
	r := p.fresh(ctx, func(t *bindings) *resp.Reply {
		var organs []string
		var events []any
		var parks []string
		for event, names := range t.draining {
			events = append(events, event, len(names))
			for _, name := range names {
				events = append(events, number(&organs, name))
			}
			parks = append(parks, p.key("park:"+event), p.key("took:"+event))
		}
		keys := []string{p.key("bind"), p.key("n")}
		args := []any{t.digest, pageParked, pageParkedBytes, len(organs)}
		for _, name := range organs {
			pack := 1
			if to := t.organs[name]; to != nil {
				pack = to.pack
			}
			keys, args = append(keys, p.key("q:"+name), p.key("part:"+name)), append(args, name, pack)
		}
		return p.run(ctx, handoverScript, append(keys, parks...), append(append(args, len(t.draining)), events...)...)
	})
	if state := string(r.Bulk()); r.Err != nil || state == "MORE" {
		return r.Err == nil, r.Err
	}
	t, err := p.reload(ctx)
	return err == nil && len(t.draining) > 0, err
}

// turnFor moves what a former order of an organ has left behind, for so long and at least a page.
func (p *partition) turnFor(ctx context.Context, q *queue, limit time.Duration) error {
	t, err := p.table(ctx)
	if err != nil {
		return err
	}
	for start := time.Now(); ; {
		if to := t.organs[q.organ]; to == nil || !to.turning {
			return nil
		}
		keys := []string{p.key("bind"), q.key("q"), q.key("part"), q.key("first"), q.key("wait")}
		r := p.run(ctx, turnScript, keys, q.organ, p.b.process, q.sub.Lease.Milliseconds(), pageEvents, pageBytes)
		state := string(r.Bulk())
		if r.Err != nil {
			return r.Err
		}
		q.again()
		if state == "DONE" {
			_, err := p.reload(ctx)
			return err
		}
		if state == "HELD" || time.Since(start) >= limit {
			return nil
		}
	}
}

// settleBindings goes on with changes of bindings that are under way: modes that this process wants and
// another one kept, what a former order has left behind, and parks whose hand-over broke off.
func (p *partition) settleBindings(ctx context.Context) {
	queues := p.list()
	t, err := p.table(ctx)
	for _, q := range queues {
		if err == nil && *q.wants() != *q.mode.Load() {
			err = p.change(ctx, q)
		}
		if err == nil && t.organs[q.organ] != nil && t.organs[q.organ].turning {
			err = p.turnFor(ctx, q, 10*time.Millisecond)
		}
	}
	if err == nil && len(t.draining) > 0 {
		_, err = p.handOver(ctx)
	}
	if err != nil && ctx.Err() == nil {
		p.b.log.Debug("redis: cannot go on with the bindings", "error", p.explain(err))
	}
}

// change asks for the mode that this process wants.
func (p *partition) change(ctx context.Context, q *queue) error {
	r := p.fresh(ctx, func(t *bindings) *resp.Reply {
		m := q.wants()
		if q.modeIn(t) == *m {
			return &resp.Reply{Raw: []byte("$4\r\nWAIT\r\n")}
		}
		keys := append(append([]string{p.key("bind"), p.key("live")}, p.organKeys(q.organ)...), p.key("n"))
		return p.run(ctx, modeScript, keys, t.digest, q.organ, p.b.process, m.order, flag(m.exclusive))
	})
	if state := string(r.Bulk()); r.Err != nil || state != "OK" {
		return r.Err
	}
	if _, err := p.reload(ctx); err != nil {
		return err
	}
	return p.anchor(ctx, []*queue{q}) // a former order's holds were deleted
}
