package necrotest

import (
	"context"
	"slices"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// turn is an organ that waits in Fetch.
type turn struct {
	consumer *linked
	given    chan struct{}
}

// awaitTurn waits until it is this organ's turn.
func (r *run) awaitTurn(ctx context.Context, c *linked) error {
	t := &turn{c, make(chan struct{})}
	r.mu.Lock()
	r.turns[c.organ] = t
	r.mu.Unlock()
	var err error
	select {
	case <-t.given:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-c.l.gone:
		err = necro.ErrClosed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.turns[c.organ] == t {
		delete(r.turns, c.organ)
	}
	return err
}

// anyOrganBusy reports whether an organ does something.
func (r *run) anyOrganBusy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.programs {
		for _, organ := range p.current.organs {
			if r.turns[organ.Name] == nil {
				return true
			}
		}
	}
	return false
}

// giveTurn lets the first organ fetch that has something to do, of those that come first in
// the chains. So an organ has all that it will get from those before it, in their order,
// however many deliveries they handle at a time.
func (r *run) giveTurn() bool {
	ready := map[string]bool{}
	for _, o := range r.backend.Health(context.Background()).Organs {
		ready[o.Organ] = o.Ready > 0 && o.Paused == ""
	}
	if r.ranks == nil {
		r.ranks = rankOrgans(r.listOrgans())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, organ := range r.ranks {
		if t := r.turns[organ]; t != nil && ready[organ] {
			delete(r.turns, organ)
			close(t.given)
			return true
		}
	}
	return false
}

// listOrgans returns all organs of the run.
func (r *run) listOrgans() (specs []contract.OrganSpec) {
	for _, p := range r.programs {
		specs = append(specs, p.current.organs...)
	}
	return specs
}

// rankOrgans sorts organs so that each comes behind those whose events reach it. Of those that
// reach one another in a circle, the first one given comes first.
func rankOrgans(specs []contract.OrganSpec) (names []string) {
	reaches := reachableOrgans(specs)
	left := make([]int, len(specs))
	for i := range left {
		left[i] = i
	}
	for len(left) > 0 {
		next := slices.IndexFunc(left, func(i int) bool {
			return !slices.ContainsFunc(left, func(j int) bool { return reaches[j][i] && !reaches[i][j] })
		})
		names = append(names, specs[left[next]].Name)
		left = slices.Delete(left, next, next+1)
	}
	return names
}

// reachableOrgans says for every two organs whether the emissions of the first one lead to the second one.
func reachableOrgans(specs []contract.OrganSpec) [][]bool {
	reaches := make([][]bool, len(specs))
	for i := range specs {
		reaches[i] = make([]bool, len(specs))
		for j := range specs {
			reaches[i][j] = emitsInto(specs[i], specs[j])
		}
	}
	for k := range specs {
		for i := range specs {
			for j := range specs {
				reaches[i][j] = reaches[i][j] || reaches[i][k] && reaches[k][j]
			}
		}
	}
	return reaches
}

// emitsInto reports whether one organ emits what the other one handles.
func emitsInto(from, to contract.OrganSpec) bool {
	return slices.ContainsFunc(from.Routes, func(out contract.Route) bool {
		emits := slices.Concat(out.Emits, out.Undos)
		if out.GiveUp != nil {
			emits = slices.Concat(emits, out.GiveUp.Emits, out.GiveUp.Undos)
		}
		return slices.ContainsFunc(emits, func(t *contract.EventType) bool {
			return slices.ContainsFunc(to.Routes, func(in contract.Route) bool { return in.Event.Name == t.Name })
		})
	})
}
