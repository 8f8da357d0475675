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

// Printer prints labels, as soon as it has warmed up.
//
//necro:organ shop.Printer retry=10 backoff=1s..1m
type Printer struct{ Cold int }

// Print fails while the printer is cold.
//
//necro:handle
func (p *Printer) Print(_ context.Context, paid *PaymentTaken) error {
	if p.Cold > 0 {
		p.Cold--
		return errors.New("still cold")
	}
	fmt.Println("label for", paid.OrderID)
	return nil
}

// Code overrides what the annotation says: here 10 attempts, and a second between them or more.
// By default a delivery that is to be tried again does not hold up others.
func ExampleWithPolicy() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Printer{Cold: 2}),
		necro.WithPolicy("shop.Printer", necro.Retry(3), necro.Backoff(time.Millisecond, 2*time.Millisecond)))
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
	// Unordered output:
	// label for order-1
	// label for order-2
	// label for order-3
	// 2 retried, 0 dropped
}
