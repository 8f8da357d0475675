package necrotel_test

import (
	"context"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

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

//necro:event NECROTEL_TRIP key=N
type Trip struct{ N int }

//necro:event NECROTEL_LATE key=N
type Late struct{ N int }

//necro:event NECROTEL_CANCEL key=N
type Cancel struct{ N int }

//necro:state
type Itinerary struct{ N int }

// Travel keeps an undo and a timer, which compensates: its handlers emit nothing else.
//
//necro:organ necrotel.Travel
type Travel struct{}

//necro:handle
func (*Travel) Plan(_ context.Context, i *Itinerary, e *Trip) (necro.Undo[Cancel], necro.Timer[Late], error) {
	return necro.Undo[Cancel]{Event: &Cancel{e.N}}, necro.StartTimer(time.Nanosecond, &Late{e.N}), nil
}

//necro:handle
func (*Travel) Late(context.Context, *Itinerary, *Late) (necro.Compensate, error) { return true, nil }

//necro:organ necrotel.Air
type Air struct{}

//necro:handle
func (*Air) Cancel(context.Context, *Cancel) error { return nil }
