package shop

import "fmt"

// items are what the shop sells.
var items = []string{"lamp", "kettle", "chair", "clock", "mirror"}

// rangeOrders is for how many orders the shop sells the same items: the record of an item's stock names every order that it is
// kept for, so it has to stay small.
const rangeOrders = 500

// OrderNumber returns the order with a number, the same in every process: of one to three items, one or two of each, and now
// and then for a country that no carrier goes to.
func OrderNumber(n int) *OrderPlaced {
	o := &OrderPlaced{OrderID: fmt.Sprintf("order-%04d", n), Country: "Iceland"}
	for i := range 1 + n%3 {
		count, item := 1+(n+i)%2, items[(n+i)%len(items)]
		if n >= rangeOrders {
			item = fmt.Sprintf("%s of range %d", item, n/rangeOrders)
		}
		o.Lines = append(o.Lines, Line{Item: item, Count: count})
		o.Cents += count * 1000
	}
	if n%9 == 5 {
		o.Country = noCarrier
	}
	return o
}
