package main

import (
	"context"
	"fmt"
	"io"

	"github.com/necrostack/necrogen/runtime/contract"
)

//go:generate go tool necrogen

// OrderPlaced is a customer's order.
//
//necro:event key=OrderID
type OrderPlaced struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Cents   int    `msgpack:"cents" validate:"gt=0"`
}

// eventTypes are the events that may stand in the outbox.
var eventTypes = []*contract.EventType{
	(*OrderPlaced)(nil).NecroEvent(),
}

// Letters writes to customers.
//
//necro:organ letters
type Letters struct{ to io.Writer }

// Confirm confirms an order.
//
//necro:handle
func (l *Letters) Confirm(_ context.Context, o *OrderPlaced) error {
	_, err := fmt.Fprintf(l.to, "Thank you for order %s, %d cents.\n", o.OrderID, o.Cents)
	return err
}
