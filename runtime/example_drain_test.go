package necro_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Drain works until nothing is left, retries included: for tools, batch jobs and tests.
func ExampleSpine_Drain() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}, &Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"order-1", "order-2"} {
		if err := spine.Publish(ctx, &OrderPlaced{OrderID: id, Cents: 1250}); err != nil {
			log.Fatal(err)
		}
	}
	stats, err := spine.Drain(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Published, "published,", stats.Handled, "handled,", stats.Emitted, "emitted")
	// Output:
	// shipping order-1, 1250 cents were paid
	// shipping order-2, 1250 cents were paid
	// 2 published, 4 handled, 2 emitted
}

// Counters are kept for each organ and event.
func ExampleSpine_Stats() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}, &Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	for _, route := range spine.Stats().Routes {
		fmt.Println(route.Organ, route.Event, route.Handled, "handled,", route.Emitted, "emitted")
	}
	// Output:
	// shipping order-1, 1250 cents were paid
	// shop.Billing ORDER_PLACED 1 handled, 1 emitted
	// shop.Shipping PAYMENT_TAKEN 1 handled, 0 emitted
}

// The backend's own view: what waits, what is under way, what was given up. An endpoint for
// liveness would look at Err alone.
func ExampleSpine_Health() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}, &Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	health := spine.Health(ctx)
	fmt.Println("error:", health.Err)
	for _, organ := range health.Backend.Organs {
		fmt.Println(organ.Organ, organ.Ready, organ.Leased, organ.Scheduled, organ.Dead)
	}
	// Output:
	// error: <nil>
	// shop.Billing 1 0 0 0
	// shop.Shipping 0 0 0 0
}

// A closed spine refuses. The backend belongs to who made it.
func ExampleSpine_Close() {
	backend := memory.New()
	defer backend.Close()
	spine, err := necro.New(backend, necro.WithOrgans(&Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Close(); err != nil {
		log.Fatal(err)
	}
	err = spine.Publish(context.Background(), &PaymentTaken{OrderID: "order-1"})
	fmt.Println(errors.Is(err, necro.ErrClosed))
	// Output: true
}
