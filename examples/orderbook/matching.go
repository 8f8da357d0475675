package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/necrostack/necrogen/examples/internal/once"
	necro "github.com/necrostack/necrogen/runtime"
)

// remembered is for how many events at least an organ knows what it answered.
const remembered = 4096

var errNoMeta = errors.New("not called by a spine")

// Matching keeps the books. Its state is in memory, hence exclusive: one process at a time
// runs it. It is strict in order, hence fair. And it answers an order that is delivered
// again with the same trades, for the last 4,096 orders and cancels at least.
//
//necro:organ matching exclusive order=strict
type Matching struct {
	mu      sync.Mutex // the books are shown while the organ runs
	books   map[string]*Book
	trades  uint64
	answers *once.Memo[answer]
}

// answer is what became of an order or a cancel.
type answer struct {
	Match
	refused string // why there is nothing else
}

// NewMatching returns a matching engine without orders.
func NewMatching() *Matching {
	return &Matching{books: map[string]*Book{}, answers: once.New[answer](remembered)}
}

// Match matches an order.
//
//necro:handle
func (m *Matching) Match(ctx context.Context, o *OrderAccepted) ([]TradeExecuted, []OrderClosed, *OrderRejected, error) {
	a, err := m.once(ctx, func() answer { return m.add(&o.Order) })
	if err != nil || a.refused == "" {
		return a.Trades, a.Closed, nil, err
	}
	return nil, nil, reject(&o.Order, a.refused), nil
}

// Cancel takes an order out of its book.
//
//necro:handle
func (m *Matching) Cancel(ctx context.Context, c *CancelAccepted) ([]OrderClosed, *CancelRejected, error) {
	a, err := m.once(ctx, func() answer { return m.remove(&c.Cancel) })
	if err != nil || a.refused == "" {
		return a.Closed, nil, err
	}
	return nil, &CancelRejected{OrderID: c.OrderID, TraderID: c.TraderID, Reason: a.refused}, nil
}

// once applies an event that is new, and answers one that is not as it did before.
func (m *Matching) once(ctx context.Context, apply func() answer) (answer, error) {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return answer{}, errNoMeta
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answers.Do(meta.ID, apply), nil
}

func (m *Matching) add(o *Order) answer {
	b := m.book(o.Symbol)
	if _, open := b.Open(o.OrderID); open {
		return answer{refused: "an open order has this id"}
	}
	return answer{Match: b.Add(o, &m.trades)}
}

func (m *Matching) remove(c *Cancel) answer {
	b := m.book(c.Symbol)
	trader, open := b.Open(c.OrderID)
	switch {
	case !open:
		return answer{refused: "no such open order"}
	case trader != c.TraderID:
		return answer{refused: "it is another trader's order"}
	}
	return answer{Match: b.Remove(c.OrderID)}
}

func (m *Matching) book(symbol string) *Book {
	b := m.books[symbol]
	if b == nil {
		b = NewBook(symbol)
		m.books[symbol] = b
	}
	return b
}

// Snapshot is what a book looks like at one moment.
type Snapshot struct {
	Symbol     string
	Last       Price // of the latest trade; 0 before the first
	Orders     int
	Bids, Asks []Quote // best first
}

// Snapshots returns all books by symbol, with at most depth quotes for each side.
func (m *Matching) Snapshots(depth int) []Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Snapshot
	for _, symbol := range slices.Sorted(maps.Keys(m.books)) {
		b := m.books[symbol]
		bids, asks := b.Depth(depth)
		list = append(list, Snapshot{symbol, b.last, len(b.open), bids, asks})
	}
	return list
}

// Resting sums up the open orders of all books, as Book.Resting does.
func (m *Matching) Resting() (orders uint64, bought, sold int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.books {
		n, buys, sells := b.Resting()
		orders, bought, sold = orders+n, bought+buys, sold+sells
	}
	return orders, bought, sold
}
