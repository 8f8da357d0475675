package loop

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
)

// tables keeps the bindings of a partition. Every script that stores something carries
// their digest, and is refused when the server has others by now.
type tables struct {
	current atomic.Pointer[table.Bindings]
}

// CurrentTable returns the bindings, which it reads on first use.
func (p *Partition) CurrentTable(ctx context.Context) (*table.Bindings, error) {
	if t := p.tables.current.Load(); t != nil {
		return t, nil
	}
	return p.ReloadTable(ctx)
}

// ReloadTable reads the bindings.
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

// refreshTable returns the bindings after the server refused those that were known. Where it
// has lost the organs of this process they are bound again first.
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

func (p *Partition) organNames() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for name := range p.queues {
		names = append(names, name)
	}
	return names
}

// CallFresh runs a call with the bindings, again when the server has others by now.
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

// ShownName returns the name under which an organ was bound last.
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
