package necro_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Audit writes down whatever happens.
//
//necro:organ shop.Audit
type Audit struct{}

// Record takes an interface, and so every event of its package and of those it imports. An
// interface of your own would take those that implement it.
//
//necro:handle
func (Audit) Record(ctx context.Context, e necro.Event) error {
	meta, _ := necro.MetaFrom(ctx)
	fmt.Println("hop", meta.Hops, e.NecroEvent().Name)
	return nil
}

// A handler of an interface listens to many events. It has a delivery of its own for each, and
// does not take them away from others.
func Example_audit() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}, &Audit{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// hop 0 ORDER_PLACED
	// hop 1 PAYMENT_TAKEN
}
