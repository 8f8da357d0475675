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

// Bank stands for one outside: what comes twice under the same key it takes once.
type Bank map[necro.ID]int

// Checkout charges at the bank.
//
//necro:organ shop.Checkout
type Checkout struct{ Bank Bank }

// Charge loses the bank's first answer, so it is called again.
//
//necro:handle
func (c *Checkout) Charge(ctx context.Context, o *OrderPlaced) error {
	meta, _ := necro.MetaFrom(ctx)
	c.Bank[meta.DeliveryID] = o.Cents // an idempotency key: the same for every attempt
	fmt.Println("attempt", meta.Attempt, "at", meta.Type, "under", meta.DeliveryID)
	if meta.Attempt == 1 {
		return necro.RetryAfter(errors.New("connection lost"), time.Millisecond)
	}
	return nil
}

// A handler's effects outside may happen more than once. With the delivery id they count once.
func ExampleMetaFrom() {
	ctx := context.Background()
	bank := Bank{}
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Checkout{bank}))
	if err != nil {
		log.Fatal(err)
	}
	order, id := &OrderPlaced{OrderID: "order-1", Cents: 1250}, necro.IDOf("order-1")
	if err := spine.Publish(ctx, order, necro.WithID(id)); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(bank), "charge")
	// Output:
	// attempt 1 at ORDER_PLACED under 3720510b-aeb2-80ba-1097-ac8a9a14dee1
	// attempt 2 at ORDER_PLACED under 3720510b-aeb2-80ba-1097-ac8a9a14dee1
	// 1 charge
}
