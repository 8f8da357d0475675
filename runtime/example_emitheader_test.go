package necro_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// What a handler sets goes with all that this call emits, and with what descends from it.
func ExampleSetEmitHeader() {
	step := func(r necro.RouteInfo, next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, e necro.Event) error {
			meta, _ := necro.MetaFrom(ctx)
			fmt.Printf("%s comes from %q\n", e.NecroEvent().Name, meta.Headers["from"])
			necro.SetEmitHeader(ctx, "from", r.Organ)
			return next(ctx, e)
		}
	}
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}, &Shipping{}), necro.WithRouteMiddleware(step))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}, necro.WithHeader("from", "the shop")); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ORDER_PLACED comes from "the shop"
	// PAYMENT_TAKEN comes from "shop.Billing"
	// shipping order-1, 1250 cents were paid
}
