package necro_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// With OrderStrict nothing overtakes a delivery that is to be tried again: here the first, for the
// printer is cold once.
func ExampleOrder() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Printer{Cold: 1}),
		necro.WithPolicy("shop.Printer", necro.Order(necro.OrderStrict), necro.Backoff(time.Millisecond, 2*time.Millisecond)))
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"order-1", "order-2", "order-3"} {
		if err := spine.Publish(ctx, &PaymentTaken{OrderID: id}); err != nil {
			log.Fatal(err)
		}
	}
	stats, err := spine.Drain(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Retried, "retried,", stats.Dropped, "dropped")
	// Output:
	// label for order-1
	// label for order-2
	// label for order-3
	// 1 retried, 0 dropped
}

// What is not worth a dead letter may be dropped. It is counted and logged.
func ExampleOnFail() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Printer{Cold: 1}),
		necro.WithPolicy("shop.Printer", necro.OnFail(necro.Drop), necro.Retry(1)))
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"order-1", "order-2", "order-3"} {
		if err := spine.Publish(ctx, &PaymentTaken{OrderID: id}); err != nil {
			log.Fatal(err)
		}
	}
	stats, err := spine.Drain(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Retried, "retried,", stats.Dropped, "dropped")
	// Output:
	// label for order-2
	// label for order-3
	// 0 retried, 1 dropped
}

// After two failures in a row the organ rests, then tries one delivery.
func ExampleBreaker() {
	ctx := context.Background()
	const pause = 30 * time.Millisecond
	start := time.Now()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Printer{Cold: 2}),
		necro.WithPolicy("shop.Printer", necro.Breaker(2, pause), necro.Backoff(time.Millisecond, time.Millisecond)))
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"order-1", "order-2", "order-3"} {
		if err := spine.Publish(ctx, &PaymentTaken{OrderID: id}); err != nil {
			log.Fatal(err)
		}
	}
	stats, err := spine.Drain(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Retried, "retried,", stats.Dropped, "dropped")
	fmt.Println("rested:", time.Since(start) >= pause)
	// Unordered output:
	// label for order-1
	// label for order-2
	// label for order-3
	// 2 retried, 0 dropped
	// rested: true
}
