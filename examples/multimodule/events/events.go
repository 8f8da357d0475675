// Package events is what the teams of a shop have agreed on: what happened, and how it is
// written. It holds no organs, so whoever imports it gets nothing else.
package events

//go:generate go tool necrogen

// OrderPlaced is a customer's order.
//
//necro:event key=OrderID
type OrderPlaced struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Country string `msgpack:"country" validate:"iso3166_1_alpha2"`
	Cents   int    `msgpack:"cents" validate:"gt=0"`
}

// PaymentTaken says that an order has been paid.
//
//necro:event key=OrderID
type PaymentTaken struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Country string `msgpack:"country" validate:"iso3166_1_alpha2"`
	Cents   int    `msgpack:"cents" validate:"gt=0"`
}

// PaymentRefused says that an order will not be paid, and why.
//
//necro:event output key=OrderID
type PaymentRefused struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Reason  string `msgpack:"reason" validate:"required"`
}

// ParcelSent says that an order is on its way.
//
//necro:event output key=OrderID
type ParcelSent struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Carrier string `msgpack:"carrier" validate:"required"`
}
