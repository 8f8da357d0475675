package necro_test

import (
	"fmt"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// An id that stands for what an event is about outside: the same whoever computes it, and when.
func ExampleIDOf() {
	id := necro.IDOf("invoice 4711")
	fmt.Println(id)
	again, err := necro.ParseID(id.String())
	fmt.Println(again == id, err)
	// Output:
	// d671246d-8601-565d-9187-317ee35c3d4d
	// true <nil>
}

// The id of a delivery is known before there is one: that of an event for an organ, for every
// attempt.
func Example_deliveryID() {
	event := necro.IDOf("invoice 4711")
	fmt.Println(contract.DeliveryID(event, "shop.Billing"))
	fmt.Println(contract.DeliveryID(event, "shop.Shipping"))
	// Output:
	// 9d102a7b-d61f-7733-c31c-c90966f9b48c
	// e1db0115-06b7-1813-250b-bd341f434f15
}
