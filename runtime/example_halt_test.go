package necro_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Ledger must not miss a booking, so it stops at one that it cannot make.
//
//necro:organ shop.Ledger onfail=halt order=strict
type Ledger struct{}

// Book refuses a negative payment.
//
//necro:handle
func (Ledger) Book(_ context.Context, p *PaymentTaken) error {
	if p.Cents < 0 {
		return necro.Permanent(errors.New("negative amount"))
	}
	return nil
}

// With onfail=halt the organ is paused for all processes in the step that gives a delivery up,
// and Run ends. What it could not do is a dead letter.
func ExampleHaltedError() {
	ctx := context.Background()
	backend := memory.New()
	spine, err := necro.New(backend, necro.WithOrgans(&Ledger{}))
	if err != nil {
		log.Fatal(err)
	}
	for i, cents := range []int{100, -5, 300} {
		if err := spine.Publish(ctx, &PaymentTaken{OrderID: fmt.Sprint("order-", i), Cents: cents}); err != nil {
			log.Fatal(err)
		}
	}
	err = spine.Run(ctx)
	var halted *necro.HaltedError
	if errors.As(err, &halted) {
		fmt.Println(halted.Organ, halted.Event, halted.Err)
	}
	for _, organ := range backend.Health(ctx).Organs {
		fmt.Println(organ.Ready, "waiting,", organ.Dead, "dead, paused:", organ.Paused != "")
	}
	// Output:
	// shop.Ledger PAYMENT_TAKEN negative amount
	// 1 waiting, 1 dead, paused: true
}
