package necro_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Warehouse has no stock at first.
//
//necro:organ shop.Warehouse retry=1
type Warehouse struct{ Stock int }

// Pick takes one item.
//
//necro:handle
func (w *Warehouse) Pick(_ context.Context, p *PaymentTaken) error {
	if w.Stock == 0 {
		return errors.New("out of stock")
	}
	w.Stock--
	fmt.Println("picked for", p.OrderID)
	return nil
}

// What was given up is kept with its reason. When the cause is mended it is stored again.
func Example_deadLetters() {
	ctx := context.Background()
	backend, warehouse := memory.New(), &Warehouse{}
	spine, err := necro.New(backend, necro.WithOrgans(warehouse))
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"order-1", "order-2"} {
		if err := spine.Publish(ctx, &PaymentTaken{OrderID: id, Cents: 1250}); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}

	letters, err := backend.DeadLetters(ctx, "shop.Warehouse", necro.ID{}, 100)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range letters {
		var payment PaymentTaken // show it: the letter holds the bytes
		if _, err := payment.ReadMsgpack(l.Message.Payload); err != nil {
			log.Fatal(err)
		}
		fmt.Println(l.Message.Type.Name, payment.OrderID, l.Reason, l.Error)
	}
	redriven, err := backend.Redrive(ctx, "shop.Warehouse", letters[0].ID)
	if err != nil {
		log.Fatal(err)
	}
	discarded, err := backend.Discard(ctx, "shop.Warehouse", letters[1].ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redriven, "redriven,", discarded, "discarded")

	warehouse.Stock = 10
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// PAYMENT_TAKEN order-1 exhausted out of stock
	// PAYMENT_TAKEN order-2 exhausted out of stock
	// 1 redriven, 1 discarded
	// picked for order-1
}
