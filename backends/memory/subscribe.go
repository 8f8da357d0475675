package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Subscribe binds organs and returns their consumers. It changes nothing when it fails.
func (b *Backend) Subscribe(_ context.Context, subs []necro.Subscription) ([]necro.Consumer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, necro.ErrClosed
	}
	for _, sub := range subs {
		if q := b.find(&sub); q != nil && q.sub.Path != sub.Path {
			return nil, necro.Permanent(fmt.Errorf("organ %s belongs to package %s, not to %s: give one of them another name",
				sub.Organ, q.sub.Path, sub.Path))
		}
	}
	consumers := make([]necro.Consumer, len(subs))
	fresh := map[*queue][]string{}
	for i, sub := range subs {
		q := b.open(sub)
		if names := b.bind(q); len(names) > 0 {
			fresh[q] = append(fresh[q], names...)
		}
		c := &consumer{q: q, lease: max(sub.Lease, time.Millisecond)}
		q.consumers = append(q.consumers, c)
		consumers[i] = c
	}
	b.reroute()
	b.handOver(fresh)
	return consumers, nil
}

// find returns the organ's queue, which may still have a former name; nil when there is none.
func (b *Backend) find(sub *necro.Subscription) *queue {
	if q := b.queues[sub.Organ]; q != nil {
		return q
	}
	for _, alias := range sub.Aliases {
		if q := b.queues[alias]; q != nil {
			return q
		}
	}
	return nil
}

// open returns the organ's queue under its present name.
func (b *Backend) open(sub necro.Subscription) *queue {
	q := b.find(&sub)
	if q == nil {
		q = &queue{b: b}
		q.alarm = time.AfterFunc(time.Hour, q.ring)
		q.alarm.Stop()
	} else {
		delete(b.queues, q.sub.Organ)
	}
	b.queues[sub.Organ] = q
	q.sub = sub
	return q
}

// bind routes the organ's events to its queue, and returns the names that are new to it.
func (b *Backend) bind(q *queue) (fresh []string) {
	for _, t := range q.sub.Events {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			if !slices.Contains(b.bound[name], q) {
				b.bound[name] = append(b.bound[name], q)
				fresh = append(fresh, name)
			}
		}
	}
	return fresh
}
