// Package shop has every shape and every rule that a schema tells.
package shop

import "time"

// OrderPlaced is a customer's order.
//
//necro:event
type OrderPlaced struct {
	Base
	// Amount is in cents.
	Amount   int64             `msgpack:"amount" validate:"gt=0,lt=1000000"`
	Rate     float64           `msgpack:"rate" validate:"min=0.5,max=2"`
	Currency string            `msgpack:"currency" validate:"oneof=EUR USD"`
	Level    int8              `msgpack:"level" validate:"oneof=1 2 3"`
	Email    string            `msgpack:"email" validate:"omitempty,email"`
	Code     string            `msgpack:"code" validate:"len=8"`
	Note     *string           `msgpack:"note" validate:"omitempty,max=200"`
	Gift     *bool             `msgpack:"gift"`
	Tags     []string          `msgpack:"tags" validate:"max=5,dive,min=1"`
	Stock    map[string]uint16 `msgpack:"stock" validate:"required,min=1,dive,max=9"`
	Legs     []Leg             `msgpack:"legs" validate:"required,dive"`
	First    Leg               `msgpack:"first"`
	Tree     Tree              `msgpack:"tree"`
	Hash     [32]byte          `msgpack:"hash"`
	Point    [2]float32        `msgpack:"point"`
	Raw      []byte            `msgpack:"raw"`
	At       time.Time         `msgpack:"at" validate:"required"`
	Within   time.Duration     `msgpack:"within" validate:"min=1s"`
	Confirm  string            `msgpack:"confirm" validate:"eqfield=Code"`
	Internal string            `msgpack:"-"`
}

// Base is part of every event.
type Base struct {
	ID string `msgpack:"id" validate:"required,uuid"`
}

// Leg is one part of it.
type Leg struct {
	SKU string `msgpack:"sku" validate:"required"`
	Qty uint64 `msgpack:"qty" validate:"required,max=100"`
	OK  bool   `msgpack:"ok" validate:"required"`
}

// Tree holds itself.
type Tree struct {
	Left *Tree `msgpack:"left"`
}
