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
	_, err := b.eachPartition(ctx, organ, func(p *partition, organ string) (int, error) { return 0, p.removeOrgan(ctx, organ) })
	return err
}

// removeOrgan forgets an organ, and then deletes its scheduled deliveries, page by page.
func (p *partition) removeOrgan(ctx context.Context, organ string) error {
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

// rowsOf are the rows of the table that tell of an organ alone.
func (t *bindings) rowsOf(organ string) []string {
	rows := []string{"organ " + organ, "exclusive " + organ, "shown " + organ, "turn " + organ, "state " + organ}
	for name, id := range t.names {
		if id == organ {
			rows = append(rows, "name "+name)
		}
	}
	return rows
}

// eventsOf are the names of events that an organ is bound to.
func (t *bindings) eventsOf(organ string) (events []store.RemoveEvent) {
	for event, targets := range t.events {
		for _, to := range targets {
			if to.organ == organ {
				events = append(events, store.RemoveEvent{Name: event})
			}
		}
	}
	return events
}

// unscheduleRemoved finishes the removal of an organ before it is bound again: deliveries that were scheduled for it
// must not come back.
func (p *partition) unscheduleRemoved(ctx context.Context, t *bindings, q *queue) error {
	if !t.removing[q.organ] {
		return nil
	}
	if err := p.deleteScheduled(ctx, q.organ); err != nil {
		return err
	}
	delete(t.removing, q.organ)
	return nil
}

// deleteScheduled deletes the scheduled deliveries of an organ that was removed.
func (p *partition) deleteScheduled(ctx context.Context, organ string) error {
	skip := 0
	for pass := 1; ; {
		request := store.UnscheduleRequest{Keys: p.keys(), Organ: organ, Skip: skip, Messages: pageEvents, Bytes: pageBytes, Final: pass > 2}
		next, err := request.ReadReply(p.RunCall(ctx, request.Call()))
		if err != nil {
			return err
		}
		skip = next.Skip
		switch next.State {
		case "DONE":
			_, err := p.reloadTable(ctx)
			return err
		case "AGAIN":
			pass++
		}
	}
}

// shownName returns the name under which an organ was bound last.
func (p *partition) shownName(organ string) string {
	if t := p.tables.current.Load(); t != nil && t.organs[organ] != nil {
		return t.organs[organ].shown
	}
	return organ
}

// identityOf returns the identity of an organ by any of its names, and the name itself where no organ
// has it.
func (p *partition) identityOf(ctx context.Context, name string) (string, error) {
	t, err := p.currentTable(ctx)
	if err == nil && t.organNamed(name) == nil {
		t, err = p.reloadTable(ctx)
	}
	if err != nil {
		return "", err
	}
	if to := t.organNamed(name); to != nil {
		return to.organ, nil
	}
	return name, nil
}
