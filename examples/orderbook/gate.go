package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Rule is a rule of the house. It returns why an order breaks it, or nil.
type Rule func(*Order) error

// MaxValue refuses limit orders that are worth more: a finger slipped.
func MaxValue(limit Price) Rule {
	return func(o *Order) error {
		if value := o.Price * Price(o.Quantity); value > limit {
			return fmt.Errorf("order value %s is over %s", value, limit)
		}
		return nil
	}
}

// Suspended refuses orders for these symbols.
func Suspended(symbols ...string) Rule {
	return func(o *Order) error {
		if slices.Contains(symbols, o.Symbol) {
			return errors.New(o.Symbol + " is suspended from trading")
		}
		return nil
	}
}

// Gate lets in what keeps the rules of the house. It is strict in order, so that a cancel
// never overtakes its order.
//
//necro:organ gate order=strict
type Gate struct {
	Rules []Rule
}

// Check validates an order.
//
//necro:handle
func (g *Gate) Check(_ context.Context, o *OrderSubmitted) (*OrderAccepted, *OrderRejected, error) {
	for _, rule := range g.Rules {
		if err := rule(&o.Order); err != nil {
			return nil, rejectOrder(&o.Order, err.Error()), nil
		}
	}
	return &OrderAccepted{o.Order}, nil, nil
}

// CheckCancel passes a cancel on: the book knows whether there is something to cancel.
//
//necro:handle
func (g *Gate) CheckCancel(_ context.Context, c *CancelRequested) (*CancelAccepted, error) {
	return &CancelAccepted{c.Cancel}, nil
}

func rejectOrder(o *Order, reason string) *OrderRejected {
	return &OrderRejected{OrderID: o.OrderID, TraderID: o.TraderID, Reason: reason}
}
