package shop

import "context"

// Entry is what the desk knows of an order.
//
//necro:state
type Entry struct {
	Order   *OrderPlaced `msgpack:"order"`
	Ended   bool         `msgpack:"ended"`
	Shipped bool         `msgpack:"shipped"`
	Why     string       `msgpack:"why"`
}

// Desk takes orders and notes how they end.
//
//necro:organ concurrency=8 retry=10 backoff=10ms..1s
type Desk struct{}

// Take accepts an order once: a program that is started again may publish it again.
//
//necro:handle
func (d *Desk) Take(_ context.Context, y *Entry, e *OrderPlaced) (*OrderAccepted, error) {
	if y.Order != nil {
		return nil, nil
	}
	y.Order = e
	return &OrderAccepted{OrderID: e.OrderID, Lines: e.Lines, Cents: e.Cents, Country: e.Country}, nil
}

// Note writes down how an order has ended.
//
//necro:handle
func (d *Desk) Note(_ context.Context, y *Entry, e *OrderEnded) error {
	y.Ended, y.Shipped, y.Why = true, e.Shipped, e.Why
	return nil
}
