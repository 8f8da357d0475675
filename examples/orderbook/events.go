package main

import "errors"

// Side says whether an order buys or sells.
type Side string

// The sides.
const (
	Buy  Side = "BUY"
	Sell Side = "SELL"
)

// OrderType says at which price an order trades.
type OrderType string

// The order types.
const (
	Limit  OrderType = "LIMIT"  // at its price or better; the rest stays in the book
	Market OrderType = "MARKET" // at any price; the rest is cancelled
)

// Order is what a trader wants.
type Order struct {
	OrderID  uint64    `msgpack:"order_id" validate:"required"`
	TraderID string    `msgpack:"trader_id" validate:"required,max=32"`
	Symbol   string    `msgpack:"symbol" validate:"required,max=16"`
	Side     Side      `msgpack:"side" validate:"oneof=BUY SELL"`
	Type     OrderType `msgpack:"order_type" validate:"oneof=LIMIT MARKET"`
	Quantity int64     `msgpack:"quantity" validate:"gt=0,lte=1000000"`
	Price    Price     `msgpack:"price" validate:"gte=0,lte=10000000000"`
}

// Trade is a match of two orders.
type Trade struct {
	TradeID     uint64 `msgpack:"trade_id" validate:"required"`
	Symbol      string `msgpack:"symbol" validate:"required"`
	Price       Price  `msgpack:"price" validate:"gt=0"`
	Quantity    int64  `msgpack:"quantity" validate:"gt=0"`
	BuyOrderID  uint64 `msgpack:"buy_order_id" validate:"required"`
	SellOrderID uint64 `msgpack:"sell_order_id" validate:"required"`
	Buyer       string `msgpack:"buyer" validate:"required"`
	Seller      string `msgpack:"seller" validate:"required"`
}

// OrderSubmitted is an order as a trader sent it.
//
//necro:event ORDER_SUBMITTED
type OrderSubmitted struct {
	Order
}

// priced holds that a limit order has a price and a market order has none.
//
//necro:check
func (o *OrderSubmitted) priced() error {
	switch {
	case o.Type == Limit && o.Price == 0:
		return errors.New("a limit order needs a price")
	case o.Type == Market && o.Price != 0:
		return errors.New("a market order takes no price")
	}
	return nil
}

// OrderAccepted is an order that keeps the rules of the house.
//
//necro:event ORDER_ACCEPTED
type OrderAccepted struct {
	Order
}

// OrderRejected is an order that will not be matched.
//
//necro:event ORDER_REJECTED output
type OrderRejected struct {
	OrderID  uint64 `msgpack:"order_id"`
	TraderID string `msgpack:"trader_id"`
	Reason   string `msgpack:"reason" validate:"required"`
}

// CancelRequested takes an open order back.
//
//necro:event CANCEL_REQUESTED
type CancelRequested struct {
	Cancel
}

// Cancel names the order that a trader takes back.
type Cancel struct {
	OrderID  uint64 `msgpack:"order_id" validate:"required"`
	TraderID string `msgpack:"trader_id" validate:"required,max=32"`
	Symbol   string `msgpack:"symbol" validate:"required,max=16"`
}

// CancelAccepted follows its order through the gate, so that it never overtakes it.
//
//necro:event CANCEL_ACCEPTED
type CancelAccepted struct {
	Cancel
}

// CancelRejected says that there was nothing to cancel.
//
//necro:event CANCEL_REJECTED output
type CancelRejected struct {
	OrderID  uint64 `msgpack:"order_id"`
	TraderID string `msgpack:"trader_id"`
	Reason   string `msgpack:"reason" validate:"required"`
}

// TradeExecuted is a trade that the book made and that is still to be settled.
//
//necro:event TRADE_EXECUTED
type TradeExecuted struct {
	Trade
}

// OrderState says how an order ended.
type OrderState string

// The final states of an accepted order.
const (
	Filled    OrderState = "FILLED"
	Cancelled OrderState = "CANCELLED"
)

// OrderClosed is an order that is not in the book any more.
//
//necro:event ORDER_CLOSED output
type OrderClosed struct {
	OrderID  uint64     `msgpack:"order_id" validate:"required"`
	TraderID string     `msgpack:"trader_id" validate:"required"`
	Side     Side       `msgpack:"side" validate:"oneof=BUY SELL"`
	State    OrderState `msgpack:"state" validate:"oneof=FILLED CANCELLED"`
	Filled   int64      `msgpack:"filled" validate:"gte=0"`
	Unfilled int64      `msgpack:"unfilled" validate:"gte=0"`
}

// TradeSettled is a trade that the clearing house took over.
//
//necro:event TRADE_SETTLED
type TradeSettled struct {
	Trade
}

// LimitBreached is a position that has grown beyond what its trader may hold.
//
//necro:event LIMIT_BREACHED output
type LimitBreached struct {
	TraderID string `msgpack:"trader_id" validate:"required"`
	Symbol   string `msgpack:"symbol" validate:"required"`
	Position int64  `msgpack:"position"`
	Limit    int64  `msgpack:"limit"`
}
