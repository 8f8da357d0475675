package necro_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// A spine without organs publishes. What nobody handles yet is parked, and handed to the first
// organ that does.
func ExampleNew_publisher() {
	ctx := context.Background()
	backend := memory.New()
	publisher, err := necro.New(backend)
	if err != nil {
		log.Fatal(err)
	}
	if err := publisher.Publish(ctx, &PaymentTaken{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	for _, park := range backend.Health(ctx).Parked {
		fmt.Println(park.Parked, "parked:", park.Event)
	}

	worker, err := necro.New(backend, necro.WithOrgans(&Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := worker.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 parked: PAYMENT_TAKEN
	// shipping order-1, 1250 cents were paid
}
