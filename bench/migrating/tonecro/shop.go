// Package tonecro is the program of docs/migrating.md as it is written for NecroStack.
package tonecro

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

//necro:event SHOP_ORDER_PLACED key=OrderID
type OrderPlaced struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Cents   int    `msgpack:"cents" validate:"gt=0"`
}

//necro:event SHOP_PAYMENT_TAKEN key=OrderID
type PaymentTaken struct {
	OrderID string `msgpack:"order_id" validate:"required"`
}

var errBlocked = errors.New("the customer is blocked")

//necro:organ shop.Billing retry=5 backoff=100ms..30s
type Billing struct{ out io.Writer }

//necro:handle
func (b *Billing) Charge(_ context.Context, o *OrderPlaced) (*PaymentTaken, error) {
	if o.OrderID == "blocked" {
		return nil, necro.Permanent(errBlocked)
	}
	fmt.Fprintln(b.out, "charge", o.Cents, "for", o.OrderID)
	return &PaymentTaken{OrderID: o.OrderID}, nil
}

//necro:organ shop.Shipping retry=5 backoff=100ms..30s
type Shipping struct{ out io.Writer }

//necro:handle
func (s *Shipping) Send(_ context.Context, p *PaymentTaken) error {
	fmt.Fprintln(s.out, "ship", p.OrderID)
	return nil
}

// Serve handles orders until ctx ends.
func Serve(ctx context.Context, client redis.UniversalClient, out io.Writer) error {
	backend, err := redisstream.New(client)
	if err != nil {
		return err
	}
	defer backend.Close()
	spine, err := necro.New(backend, necro.WithOrgans(&Billing{out}, &Shipping{out}))
	if err != nil {
		return err
	}
	return spine.Run(ctx)
}

// Place places an order.
func Place(client redis.UniversalClient, id string) error {
	backend, err := redisstream.New(client)
	if err != nil {
		return err
	}
	defer backend.Close()
	spine, err := necro.New(backend)
	if err != nil {
		return err
	}
	return spine.Publish(context.Background(), &OrderPlaced{OrderID: id, Cents: 4200})
}
