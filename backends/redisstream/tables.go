package redisstream

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// tables keeps the bindings of a partition. Every script that stores something carries
// their digest, and is refused when the server has others by now.
type tables struct {
	current atomic.Pointer[bindings]
}

// currentTable returns the bindings, which it reads on first use.
func (p *partition) currentTable(ctx context.Context) (*bindings, error) {
	if t := p.tables.current.Load(); t != nil {
		return t, nil
	}
	return p.reloadTable(ctx)
}

// reloadTable reads the bindings.
func (p *partition) reloadTable(ctx context.Context) (*bindings, error) {
	r := p.SendCommand(ctx, []any{"hgetall", p.key("bind")})
	rows := r.Strings()
	if r.Err != nil {
		return nil, r.Err
	}
	t, err := parseBindings(rows)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.key("bind"), err)
	}
	p.tables.current.Store(t)
	for _, q := range p.sortedQueues() {
		q.adoptMode(t)
	}
	return t, nil
}

// refreshTable returns the bindings after the server refused those that were known. Where it
// has lost the organs of this process they are bound again first.
func (p *partition) refreshTable(ctx context.Context) (*bindings, error) {
	t, err := p.reloadTable(ctx)
	if err != nil {
		return nil, err
	}
	for _, organ := range p.organNames() {
		if t.organs[organ] == nil {
			if err := p.rebindOrgans(ctx); err != nil {
				return nil, err
			}
			return p.reloadTable(ctx)
		}
	}
	return t, nil
}

func (p *partition) organNames() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for name := range p.queues {
		names = append(names, name)
	}
	return names
}

// callFresh runs a call with the bindings, again when the server has others by now.
func (p *partition) callFresh(ctx context.Context, call func(*bindings) *resp.Reply) *resp.Reply {
	t, err := p.currentTable(ctx)
	if err != nil {
		return &resp.Reply{Err: err}
	}
	for range maxStale {
		r := call(t)
		if r.Err != nil || !store.IsStale(r) {
			return r
		}
		if t, err = p.refreshTable(ctx); err != nil {
			return &resp.Reply{Err: err}
		}
	}
	return &resp.Reply{Err: errStale}
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
