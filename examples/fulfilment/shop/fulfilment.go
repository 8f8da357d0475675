package shop

import (
	"context"
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Order is how far an order has come. A record whose Waits is empty is none: an answer has come after the order's end.
//
//necro:state saga
type Order struct {
	Waits   string   `msgpack:"waits"` // for one of the steps below
	Missing []string `msgpack:"missing"`
	Cents   int      `msgpack:"cents"`
	Country string   `msgpack:"country"`
}

// What an order waits for.
const (
	forStock   = "stock"
	forPayment = "payment"
	forParcel  = "parcel"
)

// Fulfilment brings orders to their end: reserved, charged, sent; or turned back at whichever step fails or takes too long.
//
//necro:organ concurrency=16 retry=10 backoff=10ms..1s
type Fulfilment struct {
	patience time.Duration // for the answers to one step
}

// late starts the timer of a step in place of that of the step before.
func (f *Fulfilment) late(order string) necro.Timer[OrderLate] {
	return necro.StartTimer(f.patience, &OrderLate{OrderID: order})
}

// Begin asks for all lines at once. Each command has its undo beside it.
//
//necro:handle
func (f *Fulfilment) Begin(_ context.Context, o *Order, e *OrderAccepted) ([]*ReserveItem, []necro.Undo[ReleaseItem], necro.Timer[OrderLate], error) {
	*o = Order{Waits: forStock, Cents: e.Cents, Country: e.Country}
	var commands []*ReserveItem
	var undos []necro.Undo[ReleaseItem]
	for _, line := range e.Lines {
		o.Missing = append(o.Missing, line.Item)
		commands = append(commands, &ReserveItem{Item: line.Item, OrderID: e.OrderID, Count: line.Count})
		undos = append(undos, necro.Undo[ReleaseItem]{Event: &ReleaseItem{Item: line.Item, OrderID: e.OrderID}})
	}
	return commands, undos, f.late(e.OrderID), nil
}

// Reserved asks for the money when the last line is reserved.
//
//necro:handle
func (f *Fulfilment) Reserved(_ context.Context, o *Order, e *ItemReserved) (*ChargeCard, necro.Undo[RefundCard], necro.Timer[OrderLate], necro.End, error) {
	o.Missing = slices.DeleteFunc(o.Missing, func(item string) bool { return item == e.Item })
	if o.Waits != forStock || len(o.Missing) > 0 {
		return nil, necro.Undo[RefundCard]{}, necro.Timer[OrderLate]{}, o.isOver(), nil
	}
	o.Waits = forPayment
	return &ChargeCard{OrderID: e.OrderID, Cents: o.Cents}, necro.Undo[RefundCard]{Event: &RefundCard{OrderID: e.OrderID}}, f.late(e.OrderID), false, nil
}

// Charged asks for the parcel.
//
//necro:handle
func (f *Fulfilment) Charged(_ context.Context, o *Order, e *CardCharged) (*SendParcel, necro.Undo[RecallParcel], necro.Timer[OrderLate], necro.End, error) {
	if o.Waits != forPayment {
		return nil, necro.Undo[RecallParcel]{}, necro.Timer[OrderLate]{}, o.isOver(), nil
	}
	o.Waits = forParcel
	return &SendParcel{OrderID: e.OrderID, Country: o.Country}, necro.Undo[RecallParcel]{Event: &RecallParcel{OrderID: e.OrderID}}, f.late(e.OrderID), false, nil
}

// Sent ends an order well: its record goes, and with it the undos and the timer.
//
//necro:handle
func (f *Fulfilment) Sent(_ context.Context, o *Order, e *ParcelSent) (*OrderEnded, necro.End, error) {
	if o.Waits != forParcel {
		return nil, o.isOver(), nil
	}
	return &OrderEnded{OrderID: e.OrderID, Shipped: true}, true, nil
}

// StockRefused turns an order back of which a line cannot be had.
//
//necro:handle
func (f *Fulfilment) StockRefused(_ context.Context, o *Order, e *ItemRefused) (*OrderEnded, necro.Compensate, necro.End, error) {
	return o.turnBack(e.OrderID, "no "+e.Item+": "+e.Why)
}

// PaymentRefused turns an order back that is not paid.
//
//necro:handle
func (f *Fulfilment) PaymentRefused(_ context.Context, o *Order, e *CardRefused) (*OrderEnded, necro.Compensate, necro.End, error) {
	return o.turnBack(e.OrderID, "not paid: "+e.Why)
}

// ShippingRefused turns an order back that cannot be sent.
//
//necro:handle
func (f *Fulfilment) ShippingRefused(_ context.Context, o *Order, e *ParcelRefused) (*OrderEnded, necro.Compensate, necro.End, error) {
	return o.turnBack(e.OrderID, "not sent: "+e.Why)
}

// Late turns an order back that has waited for too long. What it has waited for may still be under way: the undo runs behind it.
//
//necro:handle
func (f *Fulfilment) Late(_ context.Context, o *Order, e *OrderLate) (*OrderEnded, necro.Compensate, necro.End, error) {
	return o.turnBack(e.OrderID, "no answer in time: "+o.Waits)
}

// turnBack ends an order by its undos, the last one first. Where it has ended before, nothing is to be done.
func (o *Order) turnBack(order, why string) (*OrderEnded, necro.Compensate, necro.End, error) {
	if o.isOver() {
		return nil, false, true, nil
	}
	return &OrderEnded{OrderID: order, Why: why}, true, true, nil
}

// isOver reports whether the order has no record: to end it again leaves none behind for a late answer.
func (o *Order) isOver() necro.End { return o.Waits == "" }
