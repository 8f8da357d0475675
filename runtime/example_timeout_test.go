package necro_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Tracker asks a service that never answers.
//
//necro:organ shop.Tracker
type Tracker struct{}

// Ask passes its context on, as every handler should: that is what ends it in time.
//
//necro:handle
func (Tracker) Ask(ctx context.Context, _ *PaymentTaken) error {
	<-ctx.Done()
	return ctx.Err()
}

// The handler's context ends after the timeout, and the attempt counts as failed.
func ExampleTimeout() {
	ctx := context.Background()
	backend := memory.New()
	spine, err := necro.New(backend, necro.WithOrgans(&Tracker{}),
		necro.WithPolicy("shop.Tracker", necro.Timeout(5*time.Millisecond), necro.Retry(1)))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &PaymentTaken{OrderID: "order-1"}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	letters, err := backend.DeadLetters(ctx, "shop.Tracker", necro.ID{}, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(letters[0].Reason, letters[0].Error)
	// Output: exhausted context deadline exceeded
}
