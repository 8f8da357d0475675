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

// An event that breaks its rules is not stored.
func ExampleSpine_Publish() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}, &Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}))
	fmt.Println(spine.Publish(ctx, &OrderPlaced{OrderID: "order-2"}))
	fmt.Println(spine.Stats().Published, "published")
	// Output:
	// <nil>
	// ORDER_PLACED is invalid: cents: must be greater than 0
	// 1 published
}

// While the backend holds its limit Publish waits for organs to make room. When nothing has
// started to consume, nobody would: that is an error at once.
func ExampleSpine_Publish_full() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(memory.WithLimit(2)), necro.WithOrgans(&Billing{}, &Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	for i := range 3 {
		err := spine.Publish(ctx, &OrderPlaced{OrderID: fmt.Sprint("order-", i), Cents: 1250})
		if errors.Is(err, necro.ErrFull) {
			fmt.Println("full after", i)
		}
	}
	// Output: full after 2
}

// A batch is stored as a whole, or not at all.
func ExampleSpine_PublishBatch() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}, &Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	first, second := &OrderPlaced{OrderID: "order-1", Cents: 1250}, &OrderPlaced{OrderID: "order-2"}
	fmt.Println(spine.PublishBatch(ctx, []necro.Event{first, second}))
	fmt.Println(spine.Stats().Published, "published")

	second.Cents = 720
	fmt.Println(spine.PublishBatch(ctx, []necro.Event{first, second}))
	fmt.Println(spine.Stats().Published, "published")
	// Output:
	// event 1: ORDER_PLACED is invalid: cents: must be greater than 0
	// 0 published
	// <nil>
	// 2 published
}

// A caller who did not get an answer publishes again under the same id. The event is stored once.
func ExampleWithID() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	id := necro.IDOf("payment 4711") // from what names it outside; necro.NewID() is a random one
	for range 2 {
		if err := spine.Publish(ctx, &PaymentTaken{OrderID: "order-1", Cents: 1250}, necro.WithID(id)); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: shipping order-1, 1250 cents were paid
}

// An idempotency key of HTTP lives for a day: a client that repeats its request tomorrow morning books once.
func ExampleWithIDFor() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	id := necro.IDOf("Idempotency-Key: 7f6d9a")
	for range 2 {
		var receipt necro.Receipt
		err := spine.Publish(ctx, &PaymentTaken{OrderID: "order-1", Cents: 1250}, necro.WithIDFor(id, 24*time.Hour), necro.WithReceipt(&receipt))
		if errors.Is(err, necro.ErrIDsFull) {
			fmt.Println("come back later") // nothing was stored: better no than twice
			continue
		}
		fmt.Println(err, receipt.Duplicate)
	}
	// Output:
	// <nil> false
	// <nil> true
}

// A refresh that waits or runs already is not asked for a second time.
func ExampleWithUnique() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	for n := range 3 {
		var receipt necro.Receipt
		if err := spine.Publish(ctx, &PaymentTaken{OrderID: "order-1", Cents: 1250}, necro.WithUnique(time.Hour), necro.WithReceipt(&receipt)); err != nil {
			log.Fatal(err)
		}
		fmt.Println(receipt.Duplicate)
		if n == 1 {
			if _, err := spine.Drain(ctx); err != nil {
				log.Fatal(err)
			}
		}
	}
	// Output:
	// false
	// true
	// shipping order-1, 1250 cents were paid
	// false
}

// A receipt tells a caller who repeats a call whether the first one was stored.
func ExampleWithReceipt() {
	ctx := context.Background()
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Shipping{}))
	if err != nil {
		log.Fatal(err)
	}
	id := necro.IDOf("payment 4711")
	for range 2 {
		var receipt necro.Receipt
		if err := spine.Publish(ctx, &PaymentTaken{OrderID: "order-1", Cents: 1250}, necro.WithID(id), necro.WithReceipt(&receipt)); err != nil {
			log.Fatal(err)
		}
		fmt.Println(receipt.ID == id, receipt.Duplicate)
	}
	// Output:
	// true false
	// true true
}
