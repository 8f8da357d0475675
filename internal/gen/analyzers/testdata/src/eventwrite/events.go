package eventwrite

import "time"

// Order has everything that can be shared.
type Order struct {
	ID       string
	Amount   int
	At       time.Time
	Address  Address
	Lines    []Line
	Names    []string
	Pointers []*Line
	Labels   map[string]string
	Codes    [2]int
	Parent   *Order
	Any      any
}

type Placed Order

type Line struct{ Quantity int }

type Address struct {
	City string
	Tags []string
}

// Flat has nothing that is shared when it is copied.
type Flat struct {
	ID string
	At time.Time
}

func (*Order) Validate() error  { return nil }
func (*Placed) Validate() error { return nil }
