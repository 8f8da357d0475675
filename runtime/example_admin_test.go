package necro_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// A paused organ gets no deliveries, in any process. Publishing goes on.
func Example_pause() {
	ctx := context.Background()
	backend := memory.New()
	spine, err := necro.New(backend, necro.WithOrgans(&Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &PaymentTaken{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	if err := backend.Pause(ctx, "shop.Shipping", "the courier is on strike"); err != nil {
		log.Fatal(err)
	}
	_, err = spine.Drain(ctx)
	fmt.Println(errors.Is(err, necro.ErrPaused), err)

	if err := backend.Resume(ctx, "shop.Shipping"); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// true drain: organ shop.Shipping (deliveries left: 1): organ is paused: the courier is on strike
	// shipping order-1, 1250 cents were paid
}

// An organ that is no longer deployed goes on collecting until it is removed.
func Example_removeOrgan() {
	ctx := context.Background()
	backend := memory.New()
	spine, err := necro.New(backend, necro.WithOrgans(&Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &PaymentTaken{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	if err := spine.Close(); err != nil {
		log.Fatal(err)
	}
	for _, organ := range backend.Health(ctx).Organs {
		fmt.Println(organ.Organ, "has", organ.Ready, "waiting and", organ.Consumers, "consumers")
	}
	if err := backend.RemoveOrgan(ctx, "shop.Shipping"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(backend.Health(ctx).Organs), "organs")
	// Output:
	// shop.Shipping has 1 waiting and 0 consumers
	// 0 organs
}
