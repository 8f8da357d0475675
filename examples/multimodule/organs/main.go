// Command organs runs the organs of this module on the events of another one.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/examples/multimodule/events"
	"github.com/necrostack/necrogen/examples/multimodule/organs/billing"
	"github.com/necrostack/necrogen/examples/multimodule/organs/shipping"
	necro "github.com/necrostack/necrogen/runtime"
)

//go:generate go tool necrogen

// Screen shows every event that happens.
//
//necro:organ screen
type Screen struct{}

// Show takes every event of the packages that this one imports, so also those of another module.
//
//necro:handle
func (Screen) Show(_ context.Context, e necro.Event) error {
	fmt.Printf("%s %+v\n", e.NecroEvent().Name, e)
	return nil
}

func main() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(),
		necro.WithOrgans(&billing.Billing{LimitCents: 500_00}, &shipping.Shipping{}, &Screen{}))
	if err != nil {
		log.Fatal(err)
	}
	for _, order := range []*events.OrderPlaced{
		{OrderID: "order-1", Country: "NZ", Cents: 12_50},
		{OrderID: "order-2", Country: "FR", Cents: 900_00},
	} {
		if err := spine.Publish(ctx, order); err != nil {
			log.Fatal(err)
		}
	}
	stats, err := spine.Drain(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Published, "published,", stats.Emitted, "emitted")
}
