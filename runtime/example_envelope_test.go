package necro_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Labels prints what is on the envelope of a payment.
//
//necro:organ shop.Labels
type Labels struct{}

// Show shows it.
//
//necro:handle
func (Labels) Show(ctx context.Context, _ *PaymentTaken) error {
	meta, _ := necro.MetaFrom(ctx)
	fmt.Printf("key %q, tenant %q, chain %s\n", meta.Key, meta.Headers["tenant"], meta.Correlation)
	return nil
}

// Headers and the chain's id are inherited by all that descends from the event: here by the
// payment that Billing emits. A key is the event's own; PaymentTaken has none, unless it is given one.
func ExamplePublishOption() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}, &Labels{}))
	if err != nil {
		log.Fatal(err)
	}
	request, err := necro.ParseID("0af7651916cd43dd8448eb211c80319c") // of another system
	if err != nil {
		log.Fatal(err)
	}
	err = spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250},
		necro.WithHeader("tenant", "north"),
		necro.WithCorrelation(request),
	)
	if err != nil {
		log.Fatal(err)
	}
	err = spine.Publish(ctx, &PaymentTaken{OrderID: "order-2"},
		necro.WithKey("customer-7"),
		necro.WithID(necro.IDOf("payment 4711")),
	)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// key "customer-7", tenant "", chain 42d70edb-33b4-1816-83d8-7ec19342222a
	// key "", tenant "north", chain 0af76519-16cd-43dd-8448-eb211c80319c
}
