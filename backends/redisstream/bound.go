package redisstream

import (
	"context"
	"slices"
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
