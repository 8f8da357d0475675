package main

import (
	"context"
	"errors"

	necro "github.com/necrostack/necrogen/runtime"
)

var errNoMeta = errors.New("not called by a spine")

// Sender hands a message to the world outside. A call may take effect although its answer was lost, and then it
// is made again under the same key: the gateway drops a repeat.
//
// A failure that no retry mends is marked with necro.Permanent, and a delay that was asked for is set with
// necro.RetryAfter.
type Sender interface {
	Send(ctx context.Context, key necro.ID, d *Delivery) error
}

// sendOnce makes one attempt at a delivery. The delivery id is the same for every attempt, so it
// is the key.
func sendOnce(ctx context.Context, s Sender, d *Delivery) (*DeliverySent, error) {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return nil, errNoMeta
	}
	if err := s.Send(ctx, meta.DeliveryID, d); err != nil {
		return nil, err
	}
	return &DeliverySent{*d, meta.Attempt}, nil
}
