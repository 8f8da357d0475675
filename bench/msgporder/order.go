// Package msgporder holds the same orders as tinylib/msgp encodes them, with the time
// in MessagePack's own form, as we write it.
package msgporder

import "time"

//go:generate go tool msgp -io=false -tests=false -file order.go

//msgp:newtime

// Placed is order.Placed.
type Placed struct {
	OrderID    string    `msg:"order_id"`
	CustomerID string    `msg:"customer_id"`
	Email      string    `msg:"email"`
	Currency   string    `msg:"currency"`
	Amount     float64   `msg:"amount"`
	Channel    string    `msg:"channel"`
	Discount   int       `msg:"discount"`
	Gift       bool      `msg:"gift"`
	Lines      []Line    `msg:"lines"`
	Coupon     *string   `msg:"coupon"`
	PlacedAt   time.Time `msg:"placed_at"`
}

// Line is order.Line.
type Line struct {
	SKU      string  `msg:"sku"`
	Quantity int     `msg:"quantity"`
	Price    float64 `msg:"price"`
}

// Labelled is order.Labelled.
type Labelled struct {
	OrderID    string            `msg:"order_id"`
	CustomerID string            `msg:"customer_id"`
	Email      string            `msg:"email"`
	Currency   string            `msg:"currency"`
	Amount     float64           `msg:"amount"`
	Channel    string            `msg:"channel"`
	Discount   int               `msg:"discount"`
	Gift       bool              `msg:"gift"`
	Lines      []Line            `msg:"lines"`
	Labels     map[string]string `msg:"labels"`
	PlacedAt   time.Time         `msg:"placed_at"`
}
