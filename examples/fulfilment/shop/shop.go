// Package shop has the organs of fulfilment, the bank that they charge, and the count of what has become of the orders.
package shop

import (
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Organs returns what a program of the shop runs: over a gateway to the bank, with so much stock of each item, and with so much
// patience for the answers to one step of an order.
func Organs(gateway Gateway, stock int, patience time.Duration) []necro.Organ {
	return []necro.Organ{&Desk{}, &Fulfilment{patience: patience}, &Stock{begins: stock}, &Payments{gateway: gateway}, &Shipping{}}
}
