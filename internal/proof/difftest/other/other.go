// Package other holds structs that events of another package contain.
package other

import "time"

//go:generate go run github.com/necrostack/necrogen/cmd/necrogen

// Currency is a named string.
type Currency string

// Amount is no event: its codec is generated where it is used.
type Amount struct {
	Units    int64    `msgpack:"units" validate:"gte=0"`
	Currency Currency `msgpack:"currency" validate:"oneof=EUR USD 'Swiss francs'"`
	hidden   int      `msgpack:"-"`
}

// Hidden is there so that the field is used.
func (a Amount) Hidden() int { return a.hidden }

// Base is embedded.
type Base struct {
	ID      string    `msgpack:"id" validate:"required"`
	Created time.Time `msgpack:"created"`
}

// Invoice is an event that events of another package contain.
//
//necro:event INVOICE
type Invoice struct {
	Number string `msgpack:"number" validate:"required,len=4"`
	Total  Amount `msgpack:"total"`
}

// Seal is embedded; it embeds a struct that other packages can't name.
type Seal struct {
	stamp
	By string
}

// Mark is embedded by a pointer. It has no time: the reference panics when it reads the nil that
// it writes for one behind a nil pointer.
type Mark struct {
	Place string
	Depth int
}

type stamp struct {
	Stamped time.Time
	Inked   *bool
}

// Option is generic.
type Option[T any] struct {
	Value T
	Valid bool
}
