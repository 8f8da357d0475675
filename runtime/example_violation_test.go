package necro_test

import (
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A violation says what is wrong, and where. What stands there is told only to who asks.
func Example_violationValue() {
	type leg struct {
		Qty int `msgpack:"qty"`
	}
	order := struct {
		Legs []leg `msgpack:"legs"`
	}{Legs: []leg{{Qty: 1}, {Qty: -3}}}

	// As generated validators find it.
	v := contract.Violation{Path: "legs[1].qty", Rule: "min", Param: "1", Message: "must be at least 1"}

	fmt.Printf("%s %s\n", v.Path, v.Message)
	value, _ := v.Value(order)
	fmt.Println(value)
	// Output:
	// legs[1].qty must be at least 1
	// -3
}
