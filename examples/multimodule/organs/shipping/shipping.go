// Package shipping sends what was paid, and counts what happens.
package shipping

import (
	"context"

	"github.com/necrostack/necrogen/examples/multimodule/events"
)

//go:generate go tool necrogen

// Shipping sends what was paid. It knows nothing of who took the money: that is another package.
//
//necro:organ shipping
type Shipping struct{}

// Send chooses a carrier.
//
//necro:handle
func (Shipping) Send(_ context.Context, p *events.PaymentTaken) *events.ParcelSent {
	carrier := "ship"
	if p.Country == "NZ" {
		carrier = "van"
	}
	return &events.ParcelSent{OrderID: p.OrderID, Carrier: carrier}
}
