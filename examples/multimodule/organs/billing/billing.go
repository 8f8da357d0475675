// Package billing takes the money for orders.
package billing

import (
	"context"

	"github.com/necrostack/necrogen/examples/multimodule/events"
)

//go:generate go tool necrogen

// Billing charges for orders up to a limit.
//
//necro:organ billing
type Billing struct {
	LimitCents int
}

// Charge takes the money, or says why not.
//
//necro:handle
func (b *Billing) Charge(_ context.Context, o *events.OrderPlaced) (*events.PaymentTaken, *events.PaymentRefused) {
	if o.Cents > b.LimitCents {
		return nil, &events.PaymentRefused{OrderID: o.OrderID, Reason: "over the limit"}
	}
	return &events.PaymentTaken{OrderID: o.OrderID, Country: o.Country, Cents: o.Cents}, nil
}
