package postgres

import (
	"context"

	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// known is what this process remembers of the bindings. It is never changed: the watcher replaces it when the number of the
// bindings in the table meta has changed. Nothing is stored by it: statements read the tables themselves.
type known struct {
	version    int64
	organs     map[int32]*bound
	names      map[string]int32 // by all names that an organ has had
	bound      map[string]bool  // events that some organ is bound to
	identities map[string]string
}

// bound is how an organ is bound.
type bound struct {
	number         int32
	name, identity string
	order          contract.OrderMode
	exclusive      bool
	lanes          int // 1 for none
}

// bindingSteps read the bindings.
func bindingSteps(k *known) []step {
	*k = known{organs: map[int32]*bound{}, names: map[string]int32{}, bound: map[string]bool{}, identities: map[string]string{}}
	return []step{
		{text: `SELECT value FROM {meta} WHERE name = 'bindings'`, each: func(r *row) { k.version = r.integer() }},
		{text: `SELECT number, name, identity, ordered, exclusive, lanes FROM {organ}`, each: func(r *row) {
			o := &bound{number: int32(r.integer()), name: r.text(), identity: r.text(), order: contract.OrderMode(r.between(0, 2)), exclusive: r.truth(), lanes: int(r.between(1, contract.MaxLanes))}
			k.organs[o.number] = o
		}},
		{text: `SELECT name, organ FROM {name}`, each: func(r *row) {
			name, n := r.text(), int32(r.integer())
			if k.organs[n] != nil {
				k.names[name] = n
			}
		}},
		{text: `SELECT DISTINCT event FROM {bound}`, each: func(r *row) { k.bound[r.text()] = true }},
		{text: `SELECT event, identity FROM {identity}`, each: func(r *row) { k.identities[r.text()] = r.text() }},
	}
}

// refreshBindings reads the bindings again, and tells the consumers of this process.
func (b *Backend) refreshBindings(ctx context.Context) error {
	k := &known{}
	lock := step{text: `SELECT pg_advisory_xact_lock_shared($1, $2)`, values: []any{b.locks, lockBindings}} // all are of one version
	if err := b.transactSteps(ctx, true, append([]step{lock}, bindingSteps(k)...)...); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if old := b.known.Load(); old == nil || old.version <= k.version {
		b.known.Store(k)
		for c := range b.consumers {
			c.tellBinding(k)
		}
	}
	return nil
}

// tellBinding notes how the organ is bound. The binding stays the same pointer until it changes. The backend's mu is locked, or
// the consumer is new.
func (c *consumer) tellBinding(k *known) {
	o := k.organs[c.organ.number]
	if o == nil {
		return // it was removed
	}
	bound := contract.Binding{Identity: o.identity, Order: o.order, Exclusive: o.exclusive, Lanes: o.lanes}
	sqlstore.TellBinding(&c.binding, bound, &c.sub, k.identities)
}
