package main

import (
	"bytes"
	"encoding/gob"
	"maps"
	"slices"

	necro "github.com/necrostack/necrogen/runtime"
)

// Books are all books of the exchange. They are plain data, as one book is: the same orders
// and cancels in the same order always get the same answers.
type Books struct {
	list    map[string]*Book
	trades  uint64 // made so far
	highest uint64 // id of an order so far
}

// answer is what became of an order or a cancel.
type answer struct {
	Match
	refused string // why there is nothing else
}

// NewBooks returns an exchange without orders.
func NewBooks() *Books { return &Books{list: map[string]*Book{}} }

// applyEvent applies an OrderAccepted or a CancelAccepted.
func (b *Books) applyEvent(e necro.Event) answer {
	switch e := e.(type) {
	case *OrderAccepted:
		return b.addOrder(&e.Order)
	case *CancelAccepted:
		return b.removeOrder(&e.Cancel)
	}
	return answer{refused: "neither an order nor a cancel"}
}

func (b *Books) addOrder(o *Order) answer {
	book := b.bookOf(o.Symbol)
	if _, open := book.Open(o.OrderID); open {
		return answer{refused: "an open order has this id"}
	}
	b.highest = max(b.highest, o.OrderID)
	return answer{Match: book.Add(o, &b.trades)}
}

func (b *Books) removeOrder(c *Cancel) answer {
	book := b.bookOf(c.Symbol)
	trader, open := book.Open(c.OrderID)
	switch {
	case !open:
		return answer{refused: "no such open order"}
	case trader != c.TraderID:
		return answer{refused: "it is another trader's order"}
	}
	return answer{Match: book.Remove(c.OrderID)}
}

func (b *Books) bookOf(symbol string) *Book {
	book := b.list[symbol]
	if book == nil {
		book = NewBook(symbol)
		b.list[symbol] = book
	}
	return book
}

// findOrder returns an open order, and how many of its shares are left.
func (b *Books) findOrder(orderID uint64) (o *Order, left int64) {
	for _, book := range b.list {
		if r := book.open[orderID]; r != nil {
			return r.order, r.left
		}
	}
	return nil, 0
}

// sortedBooks returns the books by symbol.
func (b *Books) sortedBooks() (list []*Book) {
	for _, symbol := range slices.Sorted(maps.Keys(b.list)) {
		list = append(list, b.list[symbol])
	}
	return list
}

// stored is how books are stored.
type stored struct {
	Trades, Highest uint64
	Books           []storedBook
}

type storedBook struct {
	Symbol string
	Last   Price
	Orders []storedOrder // those of one price in the order in which they came
}

type storedOrder struct {
	Order Order
	Left  int64
}

// encodeBooks writes the books down.
func (b *Books) encodeBooks() ([]byte, error) {
	s := stored{Trades: b.trades, Highest: b.highest}
	for _, book := range b.sortedBooks() {
		s.Books = append(s.Books, storedBook{book.symbol, book.last, book.asks.appendStored(book.bids.appendStored(nil))})
	}
	var text bytes.Buffer
	err := gob.NewEncoder(&text).Encode(s)
	return text.Bytes(), err
}

// decodeBooks reads what encode has written.
func decodeBooks(text []byte) (*Books, error) {
	var s stored
	if err := gob.NewDecoder(bytes.NewReader(text)).Decode(&s); err != nil {
		return nil, err
	}
	b := &Books{list: map[string]*Book{}, trades: s.Trades, highest: s.Highest}
	for _, sb := range s.Books {
		book := b.bookOf(sb.Symbol)
		book.last = sb.Last
		for i := range sb.Orders {
			book.restOrder(&resting{order: &sb.Orders[i].Order, left: sb.Orders[i].Left})
		}
	}
	return b, nil
}
