package redisstream

import (
	"context"
	"slices"

	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Bound returns the events that organs are bound to, and the names of these organs.
func (b *Backend) Bound(ctx context.Context) (map[string][]string, error) {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return nil, err
	}
	bound := map[string][]string{}
	for _, p := range b.partitions {
		t, err := p.ReloadTable(ctx)
		if err != nil {
			return nil, p.ExplainError(err)
		}
		for event, targets := range t.Events {
			for _, to := range targets {
				if !slices.Contains(bound[event], to.Shown) {
					bound[event] = append(bound[event], to.Shown)
				}
			}
			slices.Sort(bound[event])
		}
	}
	return bound, nil
}

// Bindings returns how the organs are bound. While a change of an order goes through the partitions it is that of the first one.
func (b *Backend) Bindings(ctx context.Context) (map[string]contract.Binding, error) {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return nil, err
	}
	bindings := map[string]contract.Binding{}
	for _, p := range b.partitions {
		t, err := p.ReloadTable(ctx)
		if err != nil {
			return nil, p.ExplainError(err)
		}
		for identity, to := range t.Organs {
			if _, known := bindings[to.Shown]; !known {
				bindings[to.Shown] = contract.Binding{Identity: identity, Order: table.OrderMode(to.Mode.Order), Exclusive: to.Mode.Exclusive, Lanes: to.Mode.Lanes}
			}
		}
	}
	return bindings, nil
}
