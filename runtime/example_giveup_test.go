package necro_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// ChargeWanted asks for money.
//
//necro:event key=Order
type ChargeWanted struct{ Order string }

// ChargeFailed says that there will be none.
//
//necro:event output key=Order
type ChargeFailed struct{ Order, Why string }

// Cashier asks a bank.
//
//necro:organ
type Cashier struct{}

// Charge is tried twice.
//
//necro:handle retry=2 backoff=1ms..1ms
func (*Cashier) Charge(ctx context.Context, e *ChargeWanted) error {
	m, _ := necro.MetaFrom(ctx)
	fmt.Println("attempt", m.Attempt)
	return errors.New("the bank does not answer")
}

// Refuse is called when Charge is given up. What it emits is stored in the step that keeps the dead letter, so whoever waits for the
// money hears of it.
//
//necro:giveup
func (*Cashier) Refuse(ctx context.Context, e *ChargeWanted, why *necro.Death) (*ChargeFailed, error) {
	fmt.Printf("%s is given up: %s, %s\n", e.Order, why.Reason, why.Error)
	return &ChargeFailed{e.Order, why.Error}, nil
}

// A give-up handler tells others that an event will not be handled any more.
func Example_giveUp() {
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Cashier{}), necro.WithLogger(nil))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := spine.Publish(ctx, &ChargeWanted{Order: "o-1"}); err != nil {
		panic(err)
	}
	stats, err := spine.Drain(ctx)
	fmt.Println(stats, err)
	// Output:
	// attempt 1
	// attempt 2
	// o-1 is given up: exhausted, the bank does not answer
	// 1 published, 1 retried, 1 dead, 1 emitted <nil>
}
