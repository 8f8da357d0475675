package shop

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

// Item is the stock of one item.
//
//necro:state
type Item struct {
	Counted bool           `msgpack:"counted"` // whether Free holds what the warehouse began with
	Free    int            `msgpack:"free" validate:"min=0"`
	Kept    map[string]int `msgpack:"kept"` // for orders, also for those that are shipped
}

// Stock keeps items for orders. Its state keeps the order of each item's events, so a release comes behind its reservation.
//
//necro:organ concurrency=8 retry=10 backoff=10ms..1s
type Stock struct {
	begins int // with so many of each item
}

// Reserve keeps an item for an order, if there are enough.
//
//necro:handle
func (s *Stock) Reserve(_ context.Context, i *Item, e *ReserveItem) (*ItemReserved, *ItemRefused, error) {
	if !i.Counted {
		*i = Item{Counted: true, Free: s.begins, Kept: map[string]int{}}
	}
	if i.Free < e.Count {
		return nil, &ItemRefused{OrderID: e.OrderID, Item: e.Item, Why: "sold out"}, nil
	}
	i.Free -= e.Count
	if i.Kept == nil { // an empty map is stored as none
		i.Kept = map[string]int{}
	}
	i.Kept[e.OrderID] += e.Count
	return &ItemReserved{OrderID: e.OrderID, Item: e.Item}, nil, nil
}

// ReserveFailed says that a reservation was given up.
//
//necro:giveup
func (s *Stock) ReserveFailed(_ context.Context, _ *Item, e *ReserveItem, why *necro.Death) (*ItemRefused, error) {
	return &ItemRefused{OrderID: e.OrderID, Item: e.Item, Why: string(why.Reason)}, nil
}

// Release gives back what is kept for an order. Nothing is, where the reservation was refused.
//
//necro:handle
func (s *Stock) Release(_ context.Context, i *Item, e *ReleaseItem) error {
	i.Free += i.Kept[e.OrderID]
	delete(i.Kept, e.OrderID)
	return nil
}
