package main

import "context"

// PaymentRequested is a payment into an account. It is what clients post, too.
//
//necro:event PAYMENT_REQUESTED key=Account
type PaymentRequested struct {
	Account string `msgpack:"account" json:"account" validate:"required,max=64"`
	Cents   int64  `msgpack:"cents" json:"cents" validate:"gt=0,lte=100000000"`
	Email   string `msgpack:"email,omitempty" json:"email" validate:"omitempty,email"`
}

// Account is what an account holds. It is stored in the step that acknowledges a payment, so that each is booked once,
// however often it is delivered.
//
//necro:state
type Account struct {
	Cents int64 `msgpack:"cents"`
}

// Ledger adds payments up.
//
//necro:organ ledger
type Ledger struct{}

// Book books a payment.
//
//necro:handle
func (*Ledger) Book(_ context.Context, a *Account, p *PaymentRequested) error {
	a.Cents += p.Cents
	return nil
}
