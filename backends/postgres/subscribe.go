package postgres

import (
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Subscribe binds organs in one step and returns their consumers. It changes nothing when it fails.
func (b *Backend) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	if b.closed.Load() {
		return nil, contract.ErrClosed
	}
	for i := range subs {
		if err := checkSubscription(&subs[i]); err != nil {
			return nil, contract.Permanent(err)
		}
	}
	var s *subscribing
	err := b.runTransaction(ctx, func(ctx context.Context, tx pgx.Tx) error {
		s = &subscribing{b: b, ctx: ctx, tx: tx, subs: subs}
		return s.bindAll()
	})
	if err != nil {
		return nil, err
	}
	consumers := make([]contract.Consumer, len(s.opened))
	b.mu.Lock()
	for i, c := range s.opened {
		b.consumers[c] = true
		consumers[i] = c
	}
	b.mu.Unlock()
	b.noteStored(&s.stored)
	return consumers, b.refreshBindings(ctx)
}

// checkSubscription refuses names that the database does not take.
func checkSubscription(sub *contract.Subscription) error {
	if err := sub.Check(); err != nil {
		return err
	}
	names := append([]string{sub.Organ, sub.Path}, sub.Aliases...)
	for _, list := range [][]*contract.EventType{sub.Events, sub.Emits} {
		for _, event := range list {
			names = append(append(names, event.Name), event.Aliases...)
		}
	}
	for _, name := range names {
		if err := checkText("organ's or event's", name); err != nil {
			return err
		}
	}
	return nil
}

// subscribing is a Subscribe at work, in one transaction with the lock of the bindings.
type subscribing struct {
	b      *Backend
	ctx    context.Context
	tx     pgx.Tx
	subs   []contract.Subscription
	known  known
	opened []*consumer
	stored stored // what parks gave
}

func (s *subscribing) runSteps(steps ...step) error { return s.b.runInside(s.ctx, s.tx, steps...) }

// bindAll writes the bindings of organs, makes their consumers, and hands the parks over.
func (s *subscribing) bindAll() error {
	lock := step{text: `SELECT pg_advisory_xact_lock($1, $2)`, values: []any{s.b.locks, lockBindings}}
	if err := s.runSteps(append([]step{lock}, bindingSteps(&s.known)...)...); err != nil {
		return err
	}
	found := s.known.identifyOrgans(s.subs)
	var fresh []handover
	for i := range s.subs {
		n, err := s.bindOrgan(found[i], &s.subs[i])
		if err != nil {
			return err
		}
		names, err := s.bindEvents(n, &s.subs[i])
		if err != nil {
			return err
		}
		fresh = append(fresh, handover{n, names})
		if err := s.openConsumer(n, s.subs[i]); err != nil {
			return err
		}
	}
	if err := s.handOver(fresh); err != nil {
		return err
	}
	return s.runSteps(append(layLanes(), noteBindings())...)
}

// noteBindings has all processes read the bindings again.
func noteBindings() step {
	return step{text: `UPDATE {meta} SET value = value + 1 WHERE name = 'bindings'`}
}

// openConsumer writes the row of a consumer.
func (s *subscribing) openConsumer(n int32, sub contract.Subscription) error {
	c := newConsumer(s.b, s.b.organOf(n), sub)
	s.opened = append(s.opened, c)
	return s.runSteps(step{
		text:   `INSERT INTO {consumer} (process, organ, ordered, exclusive, lanes) VALUES ($1, $2, $3, $4, $5) RETURNING number`,
		values: []any{s.b.process, n, int(sub.Order), sub.Exclusive, max(sub.Lanes, 1)},
		each:   func(r *row) { c.number = r.integer() },
	})
}

// identifyOrgans finds each subscription's organ, under whatever name it has; nil for a new one. An organ that claims a
// former name by an alias comes before an organ that merely has this name, which is another one then.
func (k *known) identifyOrgans(subs []contract.Subscription) []*bound {
	found, taken, claimed := make([]*bound, len(subs)), map[*bound]bool{}, map[string]bool{}
	for _, sub := range subs {
		for _, alias := range sub.Aliases {
			claimed[alias] = true
		}
	}
	take := func(i int, name string, may bool) {
		if o := k.organs[k.names[name]]; o != nil && found[i] == nil && !taken[o] && may {
			found[i], taken[o] = o, true
		}
	}
	for i, sub := range subs {
		o := k.organs[k.names[sub.Organ]]
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
func (s *subscribing) bindOrgan(o *bound, sub *contract.Subscription) (n int32, err error) {
	read := func(r *row) { n = int32(r.integer()) }
	if o == nil {
		err = s.runSteps(step{
			text:   `INSERT INTO {organ} (name, identity, path, ordered, exclusive, dead_limit, dead_bytes_limit, lanes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING number`,
			values: []any{sub.Organ, s.freeIdentity(sub.Organ), sub.Path, int(sub.Order), sub.Exclusive, max(sub.DeadLimit, 0), max(sub.DeadBytes, 0), max(sub.Lanes, 1)},
			each:   read,
		})
	} else {
		err = s.runSteps(step{
			text: `WITH living AS (SELECT FROM {consumer} c JOIN {process} p ON p.number = c.process WHERE c.organ = $1 AND p.until > (SELECT {nanos}()))
				UPDATE {organ} SET name = $2, path = $3, dead_limit = $6, dead_bytes_limit = $7,
					ordered = CASE WHEN EXISTS (SELECT FROM living) THEN ordered ELSE $4 END,
					exclusive = CASE WHEN EXISTS (SELECT FROM living) THEN exclusive ELSE $5 END,
					lanes = CASE WHEN EXISTS (SELECT FROM living) THEN lanes ELSE $8 END WHERE number = $1 RETURNING number`,
			values: []any{o.number, sub.Organ, sub.Path, int(sub.Order), sub.Exclusive, max(sub.DeadLimit, 0), max(sub.DeadBytes, 0), max(sub.Lanes, 1)},
			each:   read,
		})
	}
	if err != nil {
		return 0, err
	}
	return n, s.runSteps(
		step{text: `INSERT INTO {name} (name, organ) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET organ = $2`, values: []any{sub.Organ, n}},
		step{text: `INSERT INTO {name} (name, organ) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING`, values: []any{nonNil(sub.Aliases), n}},
	)
}

// nonNil returns an empty list in place of nil, which the driver would send as NULL.
func nonNil[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// freeIdentity returns the identity of a new organ: its name, unless another organ was bound first under that.
func (s *subscribing) freeIdentity(name string) string {
	identity := name
	taken := func() bool {
		for _, o := range s.known.organs {
			if o.identity == identity {
				return true
			}
		}
		return false
	}
	for k := 2; taken(); k++ {
		identity = name + "#" + strconv.Itoa(k)
	}
	s.known.organs[-int32(len(s.known.organs))-1] = &bound{identity: identity}
	return identity
}

// bindEvents binds an organ to the names of its events, and returns those that are new to it.
func (s *subscribing) bindEvents(n int32, sub *contract.Subscription) (fresh []string, err error) {
	names := []string{}
	for _, event := range sub.Events {
		names = append(append(names, event.Name), event.Aliases...)
		s.identifyEvent(event)
	}
	for _, event := range sub.Emits {
		s.identifyEvent(event)
	}
	var events, identities []string
	for event, identity := range s.known.identities {
		events, identities = append(events, event), append(identities, identity)
	}
	return fresh, s.runSteps(
		step{
			text:   `INSERT INTO {bound} (event, organ) SELECT DISTINCT unnest($1::text[]), $2::int ON CONFLICT DO NOTHING RETURNING event`,
			values: []any{names, n}, each: func(r *row) { fresh = append(fresh, r.text()) },
		},
		step{
			text:   `INSERT INTO {identity} (event, identity) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`,
			values: []any{nonNil(events), nonNil(identities)},
		},
	)
}

// identifyEvent has an event that has former names be known by the first of them.
func (s *subscribing) identifyEvent(event *contract.EventType) {
	if len(event.Aliases) == 0 {
		return
	}
	identities := s.known.identities
	names := append([]string{event.Name}, event.Aliases...)
	id := event.Aliases[len(event.Aliases)-1]
	if i := slices.IndexFunc(names, func(name string) bool { return identities[name] != "" }); i >= 0 {
		id = identities[names[i]]
	}
	for _, name := range names {
		if identities[name] == "" {
			identities[name] = id
		}
	}
}

// adoptOrders gives organs the order that the first of their living consumers wants, once none of them wants the one that
// is bound. It runs under the lock of the bindings.
const adoptOrders = `
	WITH living AS (SELECT c.number, c.organ, c.ordered, c.exclusive, c.lanes FROM {consumer} c JOIN {process} p ON p.number = c.process WHERE p.until > (SELECT {nanos}())),
	wanted AS (SELECT DISTINCT ON (organ) organ, ordered, exclusive, lanes FROM living ORDER BY organ, number),
	changed AS (UPDATE {organ} o SET ordered = w.ordered, exclusive = w.exclusive, lanes = w.lanes, owner = 0, owner_until = 0 FROM wanted w
		WHERE w.organ = o.number AND NOT EXISTS (SELECT FROM living l WHERE l.organ = o.number AND l.ordered = o.ordered AND l.exclusive = o.exclusive AND l.lanes = o.lanes)
		RETURNING o.number)
	UPDATE {meta} SET value = value + 1 WHERE name = 'bindings' AND EXISTS (SELECT FROM changed)`

// orderSteps adopt orders.
func (b *Backend) orderSteps() []step {
	return append([]step{
		{text: `SELECT pg_advisory_xact_lock($1, $2)`, values: []any{b.locks, lockBindings}},
		{text: adoptOrders},
	}, layLanes()...)
}
