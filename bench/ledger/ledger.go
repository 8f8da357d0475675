// Package ledger counts what arrives at the end.
package ledger

import (
	"context"

	"github.com/necrostack/necrogen/bench/billing"
	"github.com/necrostack/necrogen/bench/order"
	"github.com/necrostack/necrogen/bench/shipping"
)

// Count lets a producer wait until as many events were handled as it expects. One
// goroutine handles them; Expect comes before they are published.
type Count struct {
	left int
	done chan struct{}
}

// NewCount returns a count that expects nothing.
func NewCount() *Count { return &Count{done: make(chan struct{}, 1)} }

// Expect sets the number of events to come.
func (c *Count) Expect(n int) { c.left = n }

// Wait returns when all of them came.
func (c *Count) Wait() { <-c.done }

// Add counts one event.
func (c *Count) Add() {
	if c.left--; c.left == 0 {
		c.done <- struct{}{}
	}
}

// Orders is the organ that ends with an order.
//
//necro:organ
type Orders struct{ *Count }

// Handle counts an order.
//
//necro:handle
func (o *Orders) Handle(_ context.Context, _ *order.Placed) error {
	o.Add()
	return nil
}

// Ticks is the organ that ends with a tick.
//
//necro:organ
type Ticks struct{ *Count }

// Handle counts a tick.
//
//necro:handle
func (t *Ticks) Handle(_ context.Context, _ *order.Tick) error {
	t.Add()
	return nil
}

// Parcels is the organ that ends a chain.
//
//necro:organ
type Parcels struct{ *Count }

// Handle counts a parcel.
//
//necro:handle
func (p *Parcels) Handle(_ context.Context, _ *shipping.Sent) error {
	p.Add()
	return nil
}

// Payments is the organ that ends with a payment.
//
//necro:organ
type Payments struct{ *Count }

// Handle counts a payment.
//
//necro:handle
func (p *Payments) Handle(_ context.Context, _ *billing.Taken) error {
	p.Add()
	return nil
}

// Placed is how often an order was placed, and for how much in all.
//
//necro:state
type Placed struct {
	Times  int     `msgpack:"times"`
	Amount float64 `msgpack:"amount"`
}

// Sums is the organ that ends with an order, and adds up by its id.
//
//necro:organ
type Sums struct{ *Count }

// Handle adds an order to what came before.
//
//necro:handle
func (s *Sums) Handle(_ context.Context, p *Placed, o *order.Placed) error {
	p.Times++
	p.Amount += o.Amount
	s.Add()
	return nil
}
