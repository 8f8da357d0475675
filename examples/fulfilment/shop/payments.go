package shop

import (
	"context"
	"errors"

	necro "github.com/necrostack/necrogen/runtime"
)

// Gateway moves money. It may fail, answer late, and have done what it says has failed. The key makes both calls
// idempotent: a charge that is asked for again is booked once, and a refund gives back what is booked, which may be nothing.
type Gateway interface {
	Charge(ctx context.Context, key string, cents int) error
	Refund(ctx context.Context, key string) error
}

// ErrDeclined says that a card is not charged, and will not be.
var ErrDeclined = errors.New("card declined")

// Payment is what has become of the money of an order.
//
//necro:state
type Payment struct {
	Charged  bool `msgpack:"charged"`
	Refunded bool `msgpack:"refunded"`
}

// Payments charges cards and refunds them. Its state keeps the order of each order's events: a refund waits until the
// charge before it has ended, one way or the other.
//
//necro:organ concurrency=16 retry=5 backoff=10ms..100ms timeout=30s
type Payments struct {
	gateway Gateway
}

// Charge takes the money. A refusal is an answer; any other error is tried again.
//
//necro:handle
func (p *Payments) Charge(ctx context.Context, m *Payment, e *ChargeCard) (*CardCharged, *CardRefused, error) {
	switch err := p.gateway.Charge(ctx, e.OrderID, e.Cents); {
	case errors.Is(err, ErrDeclined):
		return nil, &CardRefused{OrderID: e.OrderID, Why: err.Error()}, nil
	case err != nil:
		return nil, nil, err
	}
	m.Charged = true
	return &CardCharged{OrderID: e.OrderID}, nil, nil
}

// ChargeFailed says that a charge was given up. The gateway may have booked it: the refund, which follows, asks the gateway.
//
//necro:giveup
func (p *Payments) ChargeFailed(_ context.Context, _ *Payment, e *ChargeCard, why *necro.Death) (*CardRefused, error) {
	return &CardRefused{OrderID: e.OrderID, Why: string(why.Reason)}, nil
}

// Refund gives the money back. Where nothing was booked there is nothing to give back, which is a success. A refund that is
// given up is a dead letter for an operator, and the money does not add up until it is redriven.
//
//necro:handle
func (p *Payments) Refund(ctx context.Context, m *Payment, e *RefundCard) error {
	if err := p.gateway.Refund(ctx, e.OrderID); err != nil {
		return err
	}
	m.Refunded = true
	return nil
}
