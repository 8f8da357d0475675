// Package shipping is the second step of the chain that is measured.
package shipping

import (
	"context"

	"github.com/necrostack/necrogen/bench/billing"
)

// Sent is a parcel on its way.
//
//necro:event PARCEL_SENT key=OrderID
type Sent struct {
	OrderID string `msgpack:"order_id" validate:"required,uuid"`
	Email   string `msgpack:"email" validate:"required"`
	Carrier string `msgpack:"carrier" validate:"oneof=dhl ups post"`
}

// Ramp sends parcels.
//
//necro:organ
type Ramp struct{}

// Send sends the paid order.
//
//necro:handle
func (*Ramp) Send(_ context.Context, t *billing.Taken) (*Sent, error) {
	return &Sent{t.OrderID, t.Email, "dhl"}, nil
}
