// Package shipping sends paid orders, and counts events.
package shipping

import (
	"context"

	"github.com/necrostack/necrogen/examples/multimodule/events"
)

//go:generate go tool necrogen

// Shipping sends paid orders. It knows nothing of the organ that took the money: that is in another package.
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
