// Package billing is the first step of the chain that is measured.
package billing

import (
	"context"

	"github.com/necrostack/necrogen/bench/order"
)

// Taken is the payment for an order.
//
//necro:event PAYMENT_TAKEN key=OrderID
type Taken struct {
	OrderID  string  `msgpack:"order_id" validate:"required,uuid"`
	Email    string  `msgpack:"email" validate:"required"`
	Currency string  `msgpack:"currency" validate:"len=3"`
	Amount   float64 `msgpack:"amount" validate:"gt=0"`
}

// Desk takes payments.
//
//necro:organ
type Desk struct{}

// Charge takes the money for an order.
//
//necro:handle
func (*Desk) Charge(_ context.Context, o *order.Placed) (*Taken, error) {
	return &Taken{o.OrderID, o.Email, o.Currency, o.Amount}, nil
}

// Clerk is a step by itself: the event that it makes of an order is as large as the order.
//
//necro:organ
type Clerk struct{}

// Accept passes an order on.
//
//necro:handle
func (*Clerk) Accept(_ context.Context, o *order.Placed) (*order.Accepted, error) {
	accepted := order.Accepted(*o)
	return &accepted, nil
}
