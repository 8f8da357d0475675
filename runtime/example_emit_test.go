package necro_test

import (
	"context"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Installments lets customers pay in three parts.
//
//necro:organ shop.Installments
type Installments struct{}

// Split emits as many events as it likes. They are stored together, when it returns nil.
//
//necro:handle
func (Installments) Split(_ context.Context, o *OrderPlaced, emit necro.Emit[PaymentTaken]) error {
	for range 3 {
		emit(PaymentTaken{OrderID: o.OrderID, Cents: o.Cents / 3})
	}
	return nil
}

// A parameter of type Emit stands for any number of events; a result stands for one at most.
func ExampleEmit() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Installments{}, &Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 900}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// shipping order-1, 300 cents were paid
	// shipping order-1, 300 cents were paid
	// shipping order-1, 300 cents were paid
}
