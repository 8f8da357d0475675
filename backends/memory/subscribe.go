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
	defer b.unlockAll(b.lockAll())
	if b.routing.Load().closed {
		return nil, necro.ErrClosed
	}
	for i := range subs {
		if err := b.check(&subs[i]); err != nil {
			return nil, necro.Permanent(err)
		}
	}
	consumers := make([]necro.Consumer, len(subs))
	fresh := map[*queue][]string{}
	for i, sub := range subs {
		q := b.open(sub)
		if names := q.bind(); len(names) > 0 {
			fresh[q] = append(fresh[q], names...)
		}
		c := newConsumer(q, max(sub.Lease, time.Millisecond))
		q.consumers = append(q.consumers, c)
		consumers[i] = c
	}
	b.handOver(fresh)
	b.routing.Store(newRouting(b.all))
	return consumers, nil
}

// check refuses what no backend takes, and an organ of another package.
func (b *Backend) check(sub *necro.Subscription) error {
	if err := sub.Check(); err != nil {
		return err
	}
	if q := b.find(sub); q != nil && q.sub.Path != sub.Path {
		return fmt.Errorf("organ %s belongs to package %s, not to %s: give one of them another name",
			sub.Organ, q.sub.Path, sub.Path)
	}
	return nil
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
		b.number++
		q = &queue{b: b, number: b.number, names: map[string]bool{}, lines: map[string]*line{}}
		q.alarm = time.AfterFunc(time.Hour, q.ring)
		q.alarm.Stop()
		b.all = append(slices.Clip(b.all), q)
	} else {
		delete(b.queues, q.sub.Organ)
	}
	b.queues[sub.Organ] = q
	q.sub = sub
	return q
}

// bind gives the queue the names of the organ's events, and returns those that are new to it.
func (q *queue) bind() (fresh []string) {
	for _, t := range q.sub.Events {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			if !q.names[name] {
				q.names[name] = true
				fresh = append(fresh, name)
			}
		}
	}
	return fresh
}
