package necro_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Courier books parcels at a service that is busy at first.
//
//necro:organ shop.Courier
type Courier struct{}

// Book returns how long the service wants to be left alone, as the header Retry-After of HTTP
// would say it.
//
//necro:handle
func (Courier) Book(ctx context.Context, p *PaymentTaken) error {
	meta, _ := necro.MetaFrom(ctx)
	if meta.Attempt == 1 {
		return necro.RetryAfter(errors.New("too many requests"), 5*time.Millisecond)
	}
	fmt.Println("booked", p.OrderID, "at attempt", meta.Attempt)
	return nil
}

// RetryAfter sets the delay in place of the backoff. The delivery waits in the backend, so the
// organ is free for others.
func ExampleRetryAfter() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Courier{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &PaymentTaken{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	stats, err := spine.Drain(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Retried, "retried,", stats.Handled, "handled")
	// Output:
	// booked order-1 at attempt 2
	// 1 retried, 1 handled
}
