package necrotel_test

import "context"

//go:generate go tool necrogen

// Ordered begins a chain of three organs.
//
//necro:event NECROTEL_ORDERED
type Ordered struct{ N int }

//necro:event NECROTEL_PAID
type Paid struct{ N int }

//necro:event NECROTEL_SENT
type Sent struct{ N int }

//necro:organ necrotel.Till
type Till struct{ before func() error }

//necro:handle
func (o *Till) Pay(_ context.Context, e *Ordered) (*Paid, error) {
	if o.before != nil {
		if err := o.before(); err != nil {
			return nil, err
		}
	}
	return &Paid{e.N}, nil
}

//necro:organ necrotel.Depot
type Depot struct{}

//necro:handle
func (*Depot) Send(_ context.Context, e *Paid) (*Sent, error) { return &Sent{e.N}, nil }

//necro:organ necrotel.Desk
type Desk struct{ done func() }

//necro:handle
func (o *Desk) Close(context.Context, *Sent) error {
	o.done()
	return nil
}
