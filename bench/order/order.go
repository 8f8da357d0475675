// Package order holds the events that are measured.
package order

import "time"

//go:generate go run github.com/necrostack/necrogen/cmd/necrogen github.com/necrostack/necrogen/bench/...

// Placed is a customer's order as shops have it: eleven fields, ten rules.
//
//necro:event ORDER_PLACED key=OrderID
type Placed struct {
	OrderID    string    `msgpack:"order_id" validate:"required,uuid"`
	CustomerID string    `msgpack:"customer_id" validate:"required,uuid"`
	Email      string    `msgpack:"email" validate:"required,email"`
	Currency   string    `msgpack:"currency" validate:"len=3"`
	Amount     float64   `msgpack:"amount" validate:"gt=0"`
	Channel    string    `msgpack:"channel" validate:"oneof=web app shop phone"`
	Discount   int       `msgpack:"discount" validate:"gte=0"`
	Gift       bool      `msgpack:"gift"`
	Lines      []Line    `msgpack:"lines"`
	Coupon     *string   `msgpack:"coupon"`
	PlacedAt   time.Time `msgpack:"placed_at"`
}

// Accepted is an order that was looked through: all of it goes on.
//
//necro:event ORDER_ACCEPTED key=OrderID output
type Accepted struct {
	OrderID    string    `msgpack:"order_id" validate:"required,uuid"`
	CustomerID string    `msgpack:"customer_id" validate:"required,uuid"`
	Email      string    `msgpack:"email" validate:"required,email"`
	Currency   string    `msgpack:"currency" validate:"len=3"`
	Amount     float64   `msgpack:"amount" validate:"gt=0"`
	Channel    string    `msgpack:"channel" validate:"oneof=web app shop phone"`
	Discount   int       `msgpack:"discount" validate:"gte=0"`
	Gift       bool      `msgpack:"gift"`
	Lines      []Line    `msgpack:"lines"`
	Coupon     *string   `msgpack:"coupon"`
	PlacedAt   time.Time `msgpack:"placed_at"`
}

// Line is one article of an order.
type Line struct {
	SKU      string  `msgpack:"sku"`
	Quantity int     `msgpack:"quantity"`
	Price    float64 `msgpack:"price"`
}

// Labelled is the same order with a map in place of the coupon.
//
//necro:event ORDER_LABELLED key=OrderID output
type Labelled struct {
	OrderID    string            `msgpack:"order_id" validate:"required,uuid"`
	CustomerID string            `msgpack:"customer_id" validate:"required,uuid"`
	Email      string            `msgpack:"email" validate:"required,email"`
	Currency   string            `msgpack:"currency" validate:"len=3"`
	Amount     float64           `msgpack:"amount" validate:"gt=0"`
	Channel    string            `msgpack:"channel" validate:"oneof=web app shop phone"`
	Discount   int               `msgpack:"discount" validate:"gte=0"`
	Gift       bool              `msgpack:"gift"`
	Lines      []Line            `msgpack:"lines"`
	Labels     map[string]string `msgpack:"labels"`
	PlacedAt   time.Time         `msgpack:"placed_at"`
}

// Tick is as small as an event may be, so that the cost of carrying it is left.
//
//necro:event TICK
type Tick struct {
	Number int64   `msgpack:"number" validate:"gte=0"`
	Price  float64 `msgpack:"price" validate:"gt=0"`
}
