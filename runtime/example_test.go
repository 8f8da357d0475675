package necro_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

//go:generate go tool necrogen

// OrderPlaced is a customer's order.
//
//necro:event key=OrderID
type OrderPlaced struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Cents   int    `msgpack:"cents" validate:"gt=0"`
}

// PaymentTaken is money that a customer has paid.
//
//necro:event
type PaymentTaken struct {
	OrderID string `msgpack:"order_id"`
	Cents   int    `msgpack:"cents"`
}

// Billing charges for orders.
//
//necro:organ shop.Billing
type Billing struct{}

// Charge takes the money. What it returns is emitted, which is one step with its being done.
//
//necro:handle
func (Billing) Charge(_ context.Context, o *OrderPlaced) (*PaymentTaken, error) {
	return &PaymentTaken{OrderID: o.OrderID, Cents: o.Cents}, nil
}

// Shipping sends what was paid.
//
//necro:organ shop.Shipping
type Shipping struct{}

// Ship sends one order.
//
//necro:handle
func (Shipping) Ship(_ context.Context, p *PaymentTaken) error {
	fmt.Printf("shipping %s, %d cents were paid\n", p.OrderID, p.Cents)
	return nil
}

// Two events, two organs, and a spine that runs them. The other examples use the same events.
func Example() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}, &Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	stats, err := spine.Drain(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Handled, "deliveries handled")
	// Output:
	// shipping order-1, 1250 cents were paid
	// 2 deliveries handled
}
