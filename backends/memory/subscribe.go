package memory

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Subscribe binds organs and returns their consumers. It changes nothing when it fails. All subscriptions are checked
// before the first one is bound. All mutexes are held meanwhile, so that no call stores by the former routing, and no
// event goes past an organ that is being bound.
func (b *Backend) Subscribe(_ context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	defer b.unlockAll(b.lockAll())
	if b.routing.Load().closed {
		return nil, contract.ErrClosed
	}
	for i := range subs {
		if err := subs[i].Check(); err != nil {
			return nil, contract.Permanent(err)
		}
	}
	consumers := make([]contract.Consumer, len(subs))
	fresh := map[*queue][]string{}
	queues := b.identifyOrgans(subs)
	for i, sub := range subs {
		q := b.openQueue(queues[i], sub)
		if names := q.bindEvents(); len(names) > 0 {
			fresh[q] = append(fresh[q], names...)
		}
		c := newConsumer(q, max(sub.Lease, time.Millisecond))
		c.order, c.exclusive, c.lanes = sub.Order, sub.Exclusive, countLanes(&sub)
		q.consumers = append(q.consumers, c)
		consumers[i] = c
	}
	b.handOver(fresh)
	b.routing.Store(newRouting(b.all))
	return consumers, nil
}

// identifyOrgans finds the queue of each organ, under whatever name it has; nil for a new organ. An organ that claims
// a former name by an alias comes before an organ that merely has this name, which is another one then. It goes over
// the subscriptions twice, because an organ that is found under its own name must not be taken by the alias of
// another one.
func (b *Backend) identifyOrgans(subs []contract.Subscription) []*queue {
	found, taken, claimed := make([]*queue, len(subs)), map[*queue]bool{}, map[string]bool{}
	for _, sub := range subs {
		for _, alias := range sub.Aliases {
			claimed[alias] = true
		}
	}
	take := func(i int, name string, may bool) {
		if q := b.queues[name]; q != nil && found[i] == nil && !taken[q] && may {
			found[i], taken[q] = q, true
		}
	}
	for i, sub := range subs {
		q := b.queues[sub.Organ]
		take(i, sub.Organ, q != nil && q.sub.Organ == sub.Organ && !claimed[sub.Organ])
	}
	for i, sub := range subs {
		take(i, sub.Organ, !claimed[sub.Organ])
		for _, alias := range sub.Aliases {
			take(i, alias, true)
		}
	}
	return found
}

// openQueue returns the organ's queue, which knows it by all of its names. The queue keeps the order that it
// is bound with while it has consumers.
func (b *Backend) openQueue(q *queue, sub contract.Subscription) *queue {
	if q == nil {
		b.number++
		q = &queue{b: b, number: b.number, identity: b.unusedIdentity(sub.Organ), names: map[string]bool{}, lines: map[string]*line{}, states: newStates(), tails: b.tails}
		q.alarm = time.AfterFunc(time.Hour, q.ringAlarm)
		q.alarm.Stop()
		b.all = append(slices.Clip(b.all), q)
	} else if len(q.consumers) > 0 {
		sub.Order, sub.Exclusive, sub.Lanes = q.sub.Order, q.sub.Exclusive, q.sub.Lanes
	}
	b.queues[sub.Organ] = q
	for _, alias := range sub.Aliases {
		if b.queues[alias] == nil {
			b.queues[alias] = q
		}
	}
	for _, list := range [][]*contract.EventType{sub.Events, sub.Emits} {
		for _, t := range list {
			b.identifyEvent(t)
		}
	}
	q.sub = sub
	q.setLanes(countLanes(&sub))
	q.publishBinding()
	return q
}

// unusedIdentity is the name of a new organ, made different from the identities of others that had this
// name once.
func (b *Backend) unusedIdentity(name string) string {
	id := name
	for k := 2; slices.ContainsFunc(b.all, func(q *queue) bool { return q.identity == id }); k++ {
		id = name + "#" + strconv.Itoa(k)
	}
	return id
}

// identifyEvent has an event that has former names known by the first of them.
func (b *Backend) identifyEvent(t *contract.EventType) {
	if len(t.Aliases) == 0 {
		return
	}
	names := append([]string{t.Name}, t.Aliases...)
	id := t.Aliases[len(t.Aliases)-1]
	if i := slices.IndexFunc(names, func(name string) bool { return b.idents[name] != "" }); i >= 0 {
		id = b.idents[names[i]]
	}
	for _, name := range names {
		if b.idents[name] == "" {
			b.idents[name] = id
		}
	}
}

// publishBinding makes the binding known to the consumers. Consumers read it without the mutex, so a binding is
// replaced by another one and never changed. The backend and the queue must be locked.
func (q *queue) publishBinding() {
	events := map[string]string{}
	for _, list := range [][]*contract.EventType{q.sub.Events, q.sub.Emits} {
		for _, t := range list {
			if id := q.b.idents[t.Name]; id != "" {
				events[t.Name] = id
			}
		}
	}
	q.binding.Store(&contract.Binding{Identity: q.identity, Events: events, Order: q.sub.Order, Exclusive: q.sub.Exclusive, Lanes: q.sub.Lanes})
}

// adoptOrder gives the organ the order that the first of its consumers wants, once none of them wants the one that is
// bound. The owner is given up with the former order: the next Fetch makes its consumer the owner. The queue must be
// locked.
func (q *queue) adoptOrder() {
	wanted := func(c *consumer) bool {
		return c.order == q.sub.Order && c.exclusive == q.sub.Exclusive && c.lanes == countLanes(&q.sub)
	}
	if len(q.consumers) == 0 || slices.ContainsFunc(q.consumers, wanted) {
		return
	}
	first := q.consumers[0]
	q.sub.Order, q.sub.Exclusive, q.sub.Lanes, q.owner = first.order, first.exclusive, first.lanes, nil
	q.setLanes(q.sub.Lanes)
	bound := *q.binding.Load()
	bound.Order, bound.Exclusive, bound.Lanes = q.sub.Order, q.sub.Exclusive, q.sub.Lanes
	q.binding.Store(&bound)
}

// bindEvents gives the queue the names of the organ's events, and returns those that are new to it.
func (q *queue) bindEvents() (fresh []string) {
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

// countLanes returns how many lanes an organ has, 0 for none.
func countLanes(sub *contract.Subscription) int {
	if sub.Lanes < 2 {
		return 0
	}
	return sub.Lanes
}
