package necro_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Middleware is around every call of a handler: the place for traces, metrics and locks. The
// first one given is outermost.
func ExampleWithMiddleware() {
	layer := func(name string) func(necro.HandlerFunc) necro.HandlerFunc {
		return func(next necro.HandlerFunc) necro.HandlerFunc {
			return func(ctx context.Context, e necro.Event) error {
				fmt.Println(name, "before", e.NecroEvent().Name)
				err := next(ctx, e)
				fmt.Println(name, "after:", err)
				return err
			}
		}
	}
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Shipping{}),
		necro.WithMiddleware(layer("trace"), layer("metrics")))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &PaymentTaken{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// trace before PAYMENT_TAKEN
	// metrics before PAYMENT_TAKEN
	// shipping order-1, 1250 cents were paid
	// metrics after: <nil>
	// trace after: <nil>
}
