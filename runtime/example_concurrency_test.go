package necro_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Packing needs two people for a parcel.
//
//necro:organ shop.Packing
type Packing struct{ meet chan string }

// Pack waits for another one that packs.
//
//necro:handle
func (p *Packing) Pack(ctx context.Context, o *OrderPlaced) error {
	select {
	case p.meet <- o.OrderID:
	case other := <-p.meet:
		fmt.Println("two at a time:", other != o.OrderID)
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// Two handlers of the organ run at a time in this process. Events of equal key would stay in
// order; these have keys of their own.
func ExampleConcurrency() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Packing{meet: make(chan string)}),
		necro.WithPolicy("shop.Packing", necro.Concurrency(2)))
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"order-1", "order-2"} {
		if err := spine.Publish(ctx, &OrderPlaced{OrderID: id, Cents: 1250}); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: two at a time: true
}
