package shop

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

// Parcel is what has become of the parcel of an order.
//
//necro:state
type Parcel struct {
	Sent     bool `msgpack:"sent"`
	Recalled bool `msgpack:"recalled"`
}

// Shipping sends parcels to where it can.
//
//necro:organ concurrency=8 retry=10 backoff=10ms..1s
type Shipping struct{}

// noCarrier is where no carrier goes.
const noCarrier = "Atlantis"

// Send hands a parcel to the carrier.
//
//necro:handle
func (s *Shipping) Send(_ context.Context, p *Parcel, e *SendParcel) (*ParcelSent, *ParcelRefused, error) {
	if e.Country == noCarrier {
		return nil, &ParcelRefused{OrderID: e.OrderID, Why: "no carrier goes to " + e.Country}, nil
	}
	p.Sent = true
	return &ParcelSent{OrderID: e.OrderID}, nil, nil
}

// SendFailed says that a parcel was given up.
//
//necro:giveup
func (s *Shipping) SendFailed(_ context.Context, _ *Parcel, e *SendParcel, why *necro.Death) (*ParcelRefused, error) {
	return &ParcelRefused{OrderID: e.OrderID, Why: string(why.Reason)}, nil
}

// Recall fetches a parcel back, if one was sent.
//
//necro:handle
func (s *Shipping) Recall(_ context.Context, p *Parcel, e *RecallParcel) error {
	p.Recalled = p.Sent
	return nil
}
