package necro_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// A delayed event waits in the backend, and can be taken back until it is due. Drain does not wait for it.
func ExampleWithDelay() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	id := necro.IDOf("payment of order-1")
	payment := &PaymentTaken{OrderID: "order-1", Cents: 1250}
	if err := spine.Publish(ctx, payment, necro.WithDelay(15*time.Minute), necro.WithID(id)); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println("delayed:", spine.Health(ctx).Backend.Delayed)

	cancelled, err := spine.Cancel(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("cancelled:", cancelled)
	fmt.Println("delayed:", spine.Health(ctx).Backend.Delayed)
	// Output:
	// delayed: 1
	// cancelled: true
	// delayed: 0
}
