package necro_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// A process that is to do a piece of the work and end.
func ExampleWithMaxSteps() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Shipping{}), necro.WithMaxSteps(2))
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"order-1", "order-2", "order-3"} {
		if err := spine.Publish(ctx, &PaymentTaken{OrderID: id}); err != nil {
			log.Fatal(err)
		}
	}
	_, err = spine.Drain(ctx)
	fmt.Println(errors.Is(err, necro.ErrMaxSteps))
	fmt.Println(spine.Health(ctx).Backend.Organs[0].Ready, "left")
	// Output:
	// shipping order-1, 0 cents were paid
	// shipping order-2, 0 cents were paid
	// true
	// 1 left
}

// An organ that holds as many dead letters as it may pauses. Nothing is dropped.
func ExampleWithDeadLetterLimit() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Cards{}), necro.WithDeadLetterLimit(1, math.MaxInt64))
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"order-1", "order-2"} {
		if err := spine.Publish(ctx, &OrderPlaced{OrderID: id, Cents: 1250}); err != nil {
			log.Fatal(err)
		}
		_, err := spine.Drain(ctx)
		fmt.Println(id, err)
	}
	// Output:
	// order-1 <nil>
	// order-2 drain: organ shop.Cards (deliveries left: 1): organ is paused: its dead letters are full: redrive or discard some
}

// A handler that emits without end is given up.
func ExampleWithEmissionLimit() {
	ctx := context.Background()
	backend := memory.New()
	spine, err := necro.New(backend, necro.WithOrgans(&Installments{}), necro.WithEmissionLimit(2, math.MaxInt64))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 900}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	letters, err := backend.DeadLetters(ctx, "shop.Installments", necro.ID{}, 10)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(letters[0].Reason, letters[0].Error)
	// Output: emission 3 events emitted, the limit is 2: emit fewer, or raise the limit by WithEmissionLimit
}
