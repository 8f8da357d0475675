package shop

//go:generate go tool necrogen

// Line is so many of one item.
type Line struct {
	Item  string `msgpack:"item" validate:"required"`
	Count int    `msgpack:"count" validate:"gt=0"`
}

// OrderPlaced is a customer's order. The desk takes each once, however often it is published.
//
//necro:event key=OrderID
type OrderPlaced struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Lines   []Line `msgpack:"lines" validate:"min=1,dive"`
	Cents   int    `msgpack:"cents" validate:"gt=0"`
	Country string `msgpack:"country" validate:"required"`
}

// OrderAccepted begins the saga of an order.
//
//necro:event key=OrderID
type OrderAccepted struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Lines   []Line `msgpack:"lines" validate:"min=1,dive"`
	Cents   int    `msgpack:"cents" validate:"gt=0"`
	Country string `msgpack:"country" validate:"required"`
}

// ReserveItem asks the stock to keep an item for an order. Its key is the item: whoever wants the last one waits in line.
//
//necro:event key=Item undo=RELEASE_ITEM
type ReserveItem struct {
	Item    string `msgpack:"item" validate:"required"`
	OrderID string `msgpack:"order_id" validate:"required"`
	Count   int    `msgpack:"count" validate:"gt=0"`
}

// ReleaseItem gives back what an order has reserved of an item.
//
//necro:event key=Item
type ReleaseItem struct {
	Item    string `msgpack:"item" validate:"required"`
	OrderID string `msgpack:"order_id" validate:"required"`
}

// ItemReserved says that an item is kept for an order.
//
//necro:event key=OrderID
type ItemReserved struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Item    string `msgpack:"item" validate:"required"`
}

// ItemRefused says that an item is not kept for an order.
//
//necro:event key=OrderID
type ItemRefused struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Item    string `msgpack:"item" validate:"required"`
	Why     string `msgpack:"why"`
}

// ChargeCard asks for the money of an order.
//
//necro:event key=OrderID undo=REFUND_CARD
type ChargeCard struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Cents   int    `msgpack:"cents" validate:"gt=0"`
}

// RefundCard gives the money of an order back.
//
//necro:event key=OrderID
type RefundCard struct {
	OrderID string `msgpack:"order_id" validate:"required"`
}

// CardCharged says that an order is paid.
//
//necro:event key=OrderID
type CardCharged struct {
	OrderID string `msgpack:"order_id" validate:"required"`
}

// CardRefused says that an order is not paid, as far as the payments know.
//
//necro:event key=OrderID
type CardRefused struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Why     string `msgpack:"why"`
}

// SendParcel asks for the parcel of an order to be sent.
//
//necro:event key=OrderID undo=RECALL_PARCEL
type SendParcel struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Country string `msgpack:"country" validate:"required"`
}

// RecallParcel fetches the parcel of an order back.
//
//necro:event key=OrderID
type RecallParcel struct {
	OrderID string `msgpack:"order_id" validate:"required"`
}

// ParcelSent says that the parcel of an order is under way.
//
//necro:event key=OrderID
type ParcelSent struct {
	OrderID string `msgpack:"order_id" validate:"required"`
}

// ParcelRefused says that no parcel is sent.
//
//necro:event key=OrderID
type ParcelRefused struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Why     string `msgpack:"why"`
}

// OrderLate is the event of the saga's timer: what an order waits for has not come in time.
//
//necro:event
type OrderLate struct {
	OrderID string `msgpack:"order_id" validate:"required"`
}

// OrderEnded says how an order has ended. The saga expects no answer to it.
//
//necro:event key=OrderID output
type OrderEnded struct {
	OrderID string `msgpack:"order_id" validate:"required"`
	Shipped bool   `msgpack:"shipped"`
	Why     string `msgpack:"why"`
}
