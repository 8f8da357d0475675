package sqlite

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Subscribe binds organs in one step and returns their consumers. It changes nothing when it fails.
func (b *Backend) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	if b.closed.Load() {
		return nil, contract.ErrClosed
	}
	for i := range subs {
		if err := subs[i].Check(); err != nil {
			return nil, contract.Permanent(err)
		}
	}
	var opened []*consumer
	err := b.submitJob(ctx, true, func(t *transaction) error {
		opened = opened[:0]
		return b.bindAll(t, subs, &opened)
	})
	if err != nil {
		return nil, err
	}
	consumers := make([]contract.Consumer, len(opened))
	b.mu.Lock()
	for i, c := range opened {
		b.consumers[c] = true
		consumers[i] = c
	}
	b.mu.Unlock()
	// A change of the bindings between the commit and now has not reached these consumers.
	err = b.submitJob(context.WithoutCancel(ctx), false, func(*transaction) error { b.tellBindings(&b.known); return nil })
	return consumers, err
}

// bindAll writes the bindings of organs, and makes their consumers.
func (b *Backend) bindAll(t *transaction, subs []contract.Subscription, opened *[]*consumer) error {
	k := &b.known
	found := k.identifyOrgans(subs)
	taken := map[string]bool{}
	for _, o := range k.organs {
		taken[o.identity] = true
	}
	identities := maps.Clone(k.identities)
	numbers, fresh := make([]int64, len(subs)), make([][]string, len(subs))
	for i := range subs {
		n, err := b.bindOrgan(t, found[i], &subs[i], taken)
		if err != nil {
			return err
		}
		for _, list := range [][]*contract.EventType{subs[i].Events, subs[i].Emits} {
			for _, event := range list {
				if err := t.identifyEvent(identities, event); err != nil {
					return err
				}
			}
		}
		numbers[i] = n
		if fresh[i], err = t.bindEvents(n, subs[i].Events); err != nil {
			return err
		}
	}
	if err := t.announceBindings(); err != nil {
		return err
	}
	for i, n := range numbers {
		c := newConsumer(b, k.organs[n], subs[i])
		if err := c.enterOrgan(t); err != nil {
			return err
		}
		c.tellBinding(k)
		*opened = append(*opened, c)
		if err := t.handOver(k.organs[n], fresh[i]); err != nil {
			return err
		}
	}
	for _, names := range fresh {
		for _, name := range names {
			if err := t.closePark(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// identifyOrgans finds each subscription's organ, under whatever name it has; nil for a new one. An organ that claims a
// former name by an alias comes before an organ that merely has this name, which is another one then.
func (k *known) identifyOrgans(subs []contract.Subscription) []*organ {
	found, taken, claimed := make([]*organ, len(subs)), map[*organ]bool{}, map[string]bool{}
	for _, sub := range subs {
		for _, alias := range sub.Aliases {
			claimed[alias] = true
		}
	}
	take := func(i int, name string, may bool) {
		if o := k.names[name]; o != nil && found[i] == nil && !taken[o] && may {
			found[i], taken[o] = o, true
		}
	}
	for i, sub := range subs {
		o := k.names[sub.Organ]
		take(i, sub.Organ, o != nil && o.name == sub.Organ && !claimed[sub.Organ])
	}
	for i, sub := range subs {
		take(i, sub.Organ, !claimed[sub.Organ])
		for _, alias := range sub.Aliases {
			take(i, alias, true)
		}
	}
	return found
}

// bindOrgan writes the row and the names of an organ, and returns its number. The organ keeps the order that it is bound
// with while a living consumer wants it.
func (b *Backend) bindOrgan(t *transaction, o *organ, sub *contract.Subscription, taken map[string]bool) (n int64, err error) {
	limit, bytes := max(sub.DeadLimit, 0), max(sub.DeadBytes, 0)
	if o == nil {
		identity := sub.Organ
		for k := 2; taken[identity]; k++ {
			identity = sub.Organ + "#" + strconv.Itoa(k)
		}
		taken[identity] = true
		_, err = t.exec(`INSERT INTO organ (name, identity, path, ordered, exclusive, dead_limit, dead_bytes_limit) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			sub.Organ, identity, sub.Path, int(sub.Order), sub.Exclusive, limit, bytes)
		if err != nil {
			return 0, err
		}
		if n, err = t.queryNumber(`SELECT last_insert_rowid()`); err != nil {
			return 0, err
		}
	} else {
		n = o.number
		alive, err := t.queryNumber(`SELECT count(*) FROM consumer JOIN process ON process.number = process WHERE organ = ? AND until > ?`, n, t.now)
		if err != nil {
			return 0, err
		}
		order, exclusive := sub.Order, sub.Exclusive
		if alive > 0 {
			order, exclusive = o.order, o.exclusive
		}
		_, err = t.exec(`UPDATE organ SET name = ?, path = ?, ordered = ?, exclusive = ?, dead_limit = ?, dead_bytes_limit = ? WHERE number = ?`,
			sub.Organ, sub.Path, int(order), exclusive, limit, bytes, n)
		if err != nil {
			return 0, err
		}
	}
	_, err = t.exec(`REPLACE INTO name (name, organ) VALUES (?, ?)`, sub.Organ, n)
	for _, alias := range sub.Aliases {
		if err == nil {
			_, err = t.exec(`INSERT OR IGNORE INTO name (name, organ) VALUES (?, ?)`, alias, n)
		}
	}
	return n, err
}

// bindEvents binds an organ to the names of events, and returns those that are new to it.
func (t *transaction) bindEvents(n int64, events []*contract.EventType) (fresh []string, err error) {
	for _, event := range events {
		for _, name := range append([]string{event.Name}, event.Aliases...) {
			added, err := t.exec(`INSERT OR IGNORE INTO bound (event, organ) VALUES (?, ?)`, name, n)
			if err != nil {
				return nil, err
			}
			if added > 0 {
				fresh = append(fresh, name)
			}
		}
	}
	return fresh, nil
}

// identifyEvent has an event that has former names be known by the first of them.
func (t *transaction) identifyEvent(identities map[string]string, event *contract.EventType) error {
	if len(event.Aliases) == 0 {
		return nil
	}
	names := append([]string{event.Name}, event.Aliases...)
	id := event.Aliases[len(event.Aliases)-1]
	if i := slices.IndexFunc(names, func(name string) bool { return identities[name] != "" }); i >= 0 {
		id = identities[names[i]]
	}
	for _, name := range names {
		if identities[name] != "" {
			continue
		}
		identities[name] = id
		if _, err := t.exec(`INSERT INTO identity (event, identity) VALUES (?, ?)`, name, id); err != nil {
			return err
		}
	}
	return nil
}

// announceBindings has all processes read the bindings again, this one at once.
func (t *transaction) announceBindings() error {
	t.saveTouched() // the rows are read again
	if _, err := t.exec(`UPDATE meta SET value = value + 1 WHERE name = 'bindings'`); err != nil {
		return err
	}
	t.b.known.bindings = 0
	return t.b.known.refreshBindings(t)
}

// tellBindings tells the consumers of this process how their organs are bound now.
func (b *Backend) tellBindings(k *known) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.consumers {
		c.tellBinding(k)
	}
}

// adoptOrders gives organs the order that the first of their living consumers wants, once none of them wants the one that
// is bound.
func (t *transaction) adoptOrders() error {
	type wanted struct {
		organ, order int64
		exclusive    bool
	}
	var change []wanted
	first, kept := map[int64]wanted{}, map[int64]bool{}
	err := t.query(func(r *row) error {
		w := wanted{r.integer(), r.between(0, 2), r.integer() != 0}
		o := t.b.known.organs[w.organ]
		if _, ok := first[w.organ]; !ok {
			first[w.organ] = w
		}
		kept[w.organ] = kept[w.organ] || o == nil || int64(o.order) == w.order && o.exclusive == w.exclusive
		return nil
	}, `SELECT organ, ordered, consumer.exclusive FROM consumer JOIN process ON process.number = process WHERE until > ? ORDER BY consumer.number`, t.now)
	if err != nil {
		return err
	}
	for n, w := range first {
		if !kept[n] {
			change = append(change, w)
		}
	}
	for _, w := range change {
		o := t.b.known.organs[w.organ]
		if err := o.loadCounters(t); err != nil {
			return err
		}
		t.touchOrgan(o)
		o.owner, o.ownerUntil = 0, 0
		if _, err := t.exec(`UPDATE organ SET ordered = ?, exclusive = ? WHERE number = ?`, w.order, w.exclusive, w.organ); err != nil {
			return err
		}
	}
	if len(change) == 0 {
		return nil
	}
	return t.announceBindings()
}
