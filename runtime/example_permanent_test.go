package necro_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Cards charges cards, of which it knows none.
//
//necro:organ shop.Cards
type Cards struct{}

// Charge fails for good: no repetition makes the card known.
//
//necro:handle
func (Cards) Charge(context.Context, *OrderPlaced) error {
	return necro.Permanent(errors.New("unknown card"))
}

// A permanent error is not retried: the delivery becomes a dead letter after its first attempt.
func ExamplePermanent() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Cards{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	stats, err := spine.Drain(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Retried, "retried,", stats.Dead, "dead")
	// Output: 0 retried, 1 dead
}
