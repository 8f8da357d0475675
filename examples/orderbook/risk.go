package main

import (
	"context"

	"github.com/necrostack/necrogen/examples/internal/once"
	necro "github.com/necrostack/necrogen/runtime"
)

// Risk adds settled trades up to positions, and tells when one grows beyond the limit.
//
//necro:organ risk exclusive
type Risk struct {
	limit     int64
	positions map[holding]int64
	answers   *once.Memo[[]LimitBreached]
}

// holding is what a trader has of one symbol.
type holding struct{ trader, symbol string }

// NewRisk returns a risk desk at which no position may exceed limit shares, long or short.
func NewRisk(limit int64) *Risk {
	return &Risk{limit: limit, positions: map[holding]int64{}, answers: once.New[[]LimitBreached](remembered)}
}

// Assess books a settled trade.
//
//necro:handle
func (r *Risk) Assess(ctx context.Context, t *TradeSettled) ([]LimitBreached, error) {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return nil, errNoMeta
	}
	return r.answers.Do(meta.ID, func() (breached []LimitBreached) {
		breached = r.movePosition(breached, holding{t.Buyer, t.Symbol}, t.Quantity)
		return r.movePosition(breached, holding{t.Seller, t.Symbol}, -t.Quantity)
	}), nil
}

// movePosition changes a position, and tells when that takes it over the limit.
func (r *Risk) movePosition(breached []LimitBreached, h holding, shares int64) []LimitBreached {
	before := r.positions[h]
	now := before + shares
	r.positions[h] = now
	if max(before, -before) > r.limit || max(now, -now) <= r.limit {
		return breached
	}
	return append(breached, LimitBreached{TraderID: h.trader, Symbol: h.symbol, Position: now, Limit: r.limit})
}
