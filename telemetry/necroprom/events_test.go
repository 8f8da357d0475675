package necroprom_test

import "context"

//go:generate go tool necrogen

//necro:event NECROPROM_ORDERED
type Ordered struct{ N int }

//necro:event NECROPROM_PAID output
type Paid struct{ N int }

// Till fails as its function says.
//
//necro:organ necroprom.Till breaker=1/1h
type Till struct {
	fails func(*Ordered) error
}

//necro:handle
func (o *Till) Pay(_ context.Context, e *Ordered) (*Paid, error) {
	return &Paid{e.N}, o.fails(e)
}
