package main

// Book matches the orders of one symbol by price, then time. It is plain data: no clock, no
// randomness, no goroutine, so the same orders always make the same trades.
type Book struct {
	symbol string
	bids   ladder
	asks   ladder
	open   map[uint64]*resting // by order id
	last   Price               // of the latest trade; 0 before the first
}

// NewBook returns an empty book.
func NewBook(symbol string) *Book {
	return &Book{symbol: symbol, bids: ladder{sign: 1}, asks: ladder{sign: -1}, open: map[uint64]*resting{}}
}

// Match is what became of an order: the trades it made, and the orders that ended by it.
type Match struct {
	Trades []TradeExecuted
	Closed []OrderClosed
}

// Add matches an order against the other side of the book. The rest of a limit order stays in the book; the rest
// of a market order is cancelled. Trades are numbered from *trade on. The book keeps o, which must not change
// any more. An id that is open is not to be added.
func (b *Book) Add(o *Order, trade *uint64) Match {
	m := Match{}
	other := &b.asks
	if o.Side == Sell {
		other = &b.bids
	}
	taker := &resting{order: o, left: o.Quantity}
	for taker.left > 0 {
		l := other.bestLevel()
		if l == nil || o.Type == Limit && !other.reachesLimit(l, o.Price) {
			break
		}
		b.fillLevel(taker, l, &m, trade)
		if l.head == nil {
			other.dropBest()
		}
	}
	switch {
	case taker.left == 0:
		m.closeOrder(taker, Filled)
	case o.Type == Limit:
		b.restOrder(taker)
	default:
		m.closeOrder(taker, Cancelled)
	}
	return m
}

// restOrder puts the rest of an order into the book.
func (b *Book) restOrder(r *resting) {
	b.sideOf(r.order).addOrder(r)
	b.open[r.order.OrderID] = r
}

// sideOf returns the side on which an order rests.
func (b *Book) sideOf(o *Order) *ladder {
	if o.Side == Sell {
		return &b.asks
	}
	return &b.bids
}

// fillLevel trades with the orders of one level, first come first served, at their price.
func (b *Book) fillLevel(taker *resting, l *level, m *Match, trade *uint64) {
	for maker := l.head; maker != nil && taker.left > 0; maker = l.head {
		n := min(taker.left, maker.left)
		taker.left -= n
		maker.left -= n
		l.quantity -= n
		b.last = l.price
		*trade++
		m.Trades = append(m.Trades, newTrade(*trade, taker.order, maker.order, n))
		if maker.left == 0 {
			l.removeOrder(maker)
			delete(b.open, maker.order.OrderID)
			m.closeOrder(maker, Filled)
		}
	}
}

func newTrade(id uint64, taker, maker *Order, quantity int64) TradeExecuted {
	buy, sell := taker, maker
	if taker.Side == Sell {
		buy, sell = sell, buy
	}
	return TradeExecuted{Trade{
		TradeID: id, Symbol: maker.Symbol, Price: maker.Price, Quantity: quantity,
		BuyOrderID: buy.OrderID, SellOrderID: sell.OrderID, Buyer: buy.TraderID, Seller: sell.TraderID,
	}}
}

func (m *Match) closeOrder(r *resting, state OrderState) {
	m.Closed = append(m.Closed, OrderClosed{
		OrderID: r.order.OrderID, TraderID: r.order.TraderID, Side: r.order.Side, State: state,
		Filled: r.order.Quantity - r.left, Unfilled: r.left,
	})
}

// Open returns the trader of an order that rests in the book.
func (b *Book) Open(orderID uint64) (trader string, ok bool) {
	r, ok := b.open[orderID]
	if !ok {
		return "", false
	}
	return r.order.TraderID, true
}

// Remove takes an open order out of the book.
func (b *Book) Remove(orderID uint64) Match {
	r, m := b.open[orderID], Match{}
	b.sideOf(r.order).removeOrder(r)
	delete(b.open, orderID)
	m.closeOrder(r, Cancelled)
	return m
}

// Resting sums up the open orders: their number, and the shares that they have bought and sold.
func (b *Book) Resting() (orders uint64, bought, sold int64) {
	for _, r := range b.open {
		filled := r.order.Quantity - r.left
		if r.order.Side == Buy {
			bought += filled
		} else {
			sold += filled
		}
	}
	return uint64(len(b.open)), bought, sold
}

// Depth returns the best n quotes of both sides, best first. With n < 0 it returns all.
func (b *Book) Depth(n int) (bids, asks []Quote) { return b.bids.listQuotes(n), b.asks.listQuotes(n) }
