package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	necro "github.com/necrostack/necrogen/runtime"
)

const (
	batchSize  = 256  // events in one call of PublishBatch
	traders    = 1000 // traders that trade at random
	patience   = 5000 // orders after which a trader takes an order back that did not trade
	priceRange = 50   // ticks around the middle within which orders are priced
	tick       = Price(priceUnit / 100)
)

// listed are the symbols with their middle price in units.
var listed = []struct {
	symbol string
	middle Price
}{{"AAPL", 150}, {"AMZN", 130}, {"GOOG", 140}, {"META", 310}, {"MSFT", 330}, {"NFLX", 420}, {"NVDA", 450}, {"TSLA", 240}}

// flow makes random orders that could come from a market: limit and market orders around a
// middle price, and cancels of passive orders that waited too long. Without these the book
// would grow for as long as it runs. The same seed makes the same flow.
type flow struct {
	dice    *rand.Rand
	first   uint64 // ids begin behind it
	names   []string
	orders  uint64
	waiting [patience]Cancel // passive orders by id, for their cancels
}

func newFlow(seed, first uint64) *flow {
	f := &flow{dice: rand.New(rand.NewPCG(seed, 0)), first: first, names: make([]string, traders)}
	for i := range f.names {
		f.names[i] = fmt.Sprintf("T%04d", i+1)
	}
	return f
}

// nextEvents appends the next order, and in front of it the cancel of one that waited too long.
func (f *flow) nextEvents(events []necro.Event) []necro.Event {
	f.orders++
	place := &f.waiting[f.orders%patience]
	if place.OrderID != 0 {
		events = append(events, &CancelRequested{*place})
		*place = Cancel{}
	}
	o := f.randomOrder()
	if isPassive(o) {
		*place = Cancel{OrderID: o.OrderID, TraderID: o.TraderID, Symbol: o.Symbol}
	}
	return append(events, o)
}

func (f *flow) randomOrder() *OrderSubmitted {
	stock := &listed[f.dice.IntN(len(listed))]
	o := &OrderSubmitted{Order{
		OrderID: f.first + f.orders, TraderID: f.names[f.dice.IntN(traders)], Symbol: stock.symbol,
		Side: Buy, Type: Limit, Quantity: 1 + f.dice.Int64N(100),
		Price: stock.middle*priceUnit + tick*Price(f.dice.IntN(2*priceRange+1)-priceRange),
	}}
	if f.dice.IntN(2) == 0 {
		o.Side = Sell
	}
	if f.dice.IntN(5) == 0 {
		o.Type, o.Price = Market, 0
	}
	return o
}

// isPassive reports whether an order is priced on its own side of the middle.
func isPassive(o *OrderSubmitted) bool {
	for i := range listed {
		if listed[i].symbol == o.Symbol {
			above := o.Price > listed[i].middle*priceUnit
			return o.Type == Limit && above == (o.Side == Sell)
		}
	}
	return false
}

// publishRandom publishes n random orders, in batches.
func (f *flow) publishRandom(ctx context.Context, x *exchange, n uint64) error {
	events := make([]necro.Event, 0, batchSize+1)
	for f.orders < n && ctx.Err() == nil {
		events = events[:0]
		for len(events) < batchSize && f.orders < n {
			events = f.nextEvents(events)
		}
		if err := x.publishEvents(ctx, events...); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}
