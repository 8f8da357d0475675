package necro_test

import (
	"fmt"
	"log"

	necro "github.com/necrostack/necrogen/runtime"
)

// What necrogen writes for an event serves outside of a spine, too.
func ExampleEvent() {
	var e necro.Event = &OrderPlaced{OrderID: "order-1", Cents: 1250}
	t := e.NecroEvent()
	fmt.Println(t.Name, t.Version, t.Key(e), e.Validate())

	b, err := e.AppendMsgpack(nil)
	if err != nil {
		log.Fatal(err)
	}
	read := t.New()
	rest, err := read.ReadMsgpack(b)
	fmt.Println(*read.(*OrderPlaced), len(rest), err)
	// Output:
	// ORDER_PLACED 1 order-1 <nil>
	// {order-1 1250} 0 <nil>
}
