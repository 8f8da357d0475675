package loop

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
)

// tables keeps the bindings of a partition. Every script that stores messages carries their digest, and is refused when
// the server has others by now.
//
// The bindings may be old at any moment. That does no harm, because the server checks: the caller reads them again and
// repeats its call (CallFresh). A process that only reads learns of new bindings by its next look or claim.
type tables struct {
	current atomic.Pointer[table.Bindings] // nil before the first read; replaced and never written to
}

// CurrentTable returns the bindings, which it reads on first use.
func (p *Partition) CurrentTable(ctx context.Context) (*table.Bindings, error) {
	if t := p.tables.current.Load(); t != nil {
		return t, nil
	}
	return p.ReloadTable(ctx)
}

// ReloadTable reads the bindings, and has the queues of this process adopt the mode that they are bound in by now. Of two
// calls at a time either may be the last to store its bindings; an older digest is refused, and read again.
func (p *Partition) ReloadTable(ctx context.Context) (*table.Bindings, error) {
	r := p.SendCommand(ctx, []any{"hgetall", p.Key("bind")})
	rows := r.Strings()
	if r.Err != nil {
		return nil, r.Err
	}
	t, err := table.ParseBindings(rows)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Key("bind"), err)
	}
	p.tables.current.Store(t)
	for _, q := range p.sortedQueues() {
		q.adoptMode(t)
	}
	return t, nil
}

// refreshTable returns the bindings after the server refused those that were known. Where it has lost the organs of this
// process, as after a FLUSHALL, they are bound again first: else the events of the call would go nowhere.
func (p *Partition) refreshTable(ctx context.Context) (*table.Bindings, error) {
	t, err := p.ReloadTable(ctx)
	if err != nil {
		return nil, err
	}
	for _, organ := range p.organNames() {
		if t.Organs[organ] == nil {
			if err := p.rebindOrgans(ctx); err != nil {
				return nil, err
			}
			return p.ReloadTable(ctx)
		}
	}
	return t, nil
}

// organNames returns the identities of the organs that this process consumes here, in no order.
func (p *Partition) organNames() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for name := range p.queues {
		names = append(names, name)
	}
	return names
}

// CallFresh runs a call with the bindings, again when the server has others by now. The call must be one that the server
// refuses before its first write, and must build its request from the bindings that it gets each time. When they
// change under each of many attempts the reply has the error [table.ErrStale].
func (p *Partition) CallFresh(ctx context.Context, call func(*table.Bindings) *resp.Reply) *resp.Reply {
	t, err := p.CurrentTable(ctx)
	if err != nil {
		return &resp.Reply{Err: err}
	}
	for range table.MaxStale {
		r := call(t)
		if r.Err != nil || !store.IsStale(r) {
			return r
		}
		if t, err = p.refreshTable(ctx); err != nil {
			return &resp.Reply{Err: err}
		}
	}
	return &resp.Reply{Err: table.ErrStale}
}

// ShownName returns the name under which an organ was bound last, by its identity; the identity where none is known.
func (p *Partition) ShownName(organ string) string {
	if t := p.tables.current.Load(); t != nil && t.Organs[organ] != nil {
		return t.Organs[organ].Shown
	}
	return organ
}

// IdentityOf returns the identity of an organ by any of its names, and the name itself where no organ
// has it.
func (p *Partition) IdentityOf(ctx context.Context, name string) (string, error) {
	t, err := p.CurrentTable(ctx)
	if err == nil && t.OrganNamed(name) == nil {
		t, err = p.ReloadTable(ctx)
	}
	if err != nil {
		return "", err
	}
	if to := t.OrganNamed(name); to != nil {
		return to.Organ, nil
	}
	return name, nil
}
