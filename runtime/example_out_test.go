package necro_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// PaymentMissed says that an order is still not paid.
//
//necro:event output
type PaymentMissed struct {
	OrderID string `msgpack:"order_id"`
}

// Invoices sends an invoice for each order, and looks after it.
//
//necro:organ shop.Invoices
type Invoices struct{}

// Send lets the event that says so wait for two weeks. It is stored in one step with the order's being handled.
//
//necro:handle
func (Invoices) Send(_ context.Context, o *OrderPlaced) (necro.Out[PaymentMissed], error) {
	return necro.Out[PaymentMissed]{
		Event: &PaymentMissed{OrderID: o.OrderID},
		After: 14 * 24 * time.Hour,
		Key:   "reminders",
	}, nil
}

// A handler emits with a delay by a result of type Out.
func ExampleOut() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Invoices{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println("delayed:", spine.Health(ctx).Backend.Delayed)
	// Output:
	// delayed: 1
}
