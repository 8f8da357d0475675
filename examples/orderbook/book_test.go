package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// play adds orders such as "1 BUY 100 @ 150.25", "2 SELL 50 MARKET" and "CANCEL 1", and
// tells what became of them, a line for each trade and each order that ended.
func play(t *testing.T, b *Book, lines ...string) (told []string) {
	t.Helper()
	var trades uint64
	for _, line := range lines {
		m := match(t, b, line, &trades)
		for _, x := range m.Trades {
			told = append(told, fmt.Sprintf("trade %d: %d from %d to %d @ %s", x.TradeID, x.Quantity, x.SellOrderID, x.BuyOrderID, x.Price))
		}
		for _, c := range m.Closed {
			told = append(told, fmt.Sprintf("%d %s %d of %d", c.OrderID, c.State, c.Filled, c.Filled+c.Unfilled))
		}
	}
	return told
}

func match(t *testing.T, b *Book, line string, trades *uint64) Match {
	t.Helper()
	var id uint64
	if _, err := fmt.Sscanf(line, "CANCEL %d", &id); err == nil {
		return b.Remove(id)
	}
	o, price := &Order{Symbol: "X", Type: Limit}, ""
	if _, err := fmt.Sscanf(line, "%d %s %d @ %s", &o.OrderID, &o.Side, &o.Quantity, &price); err != nil {
		o.Type = Market
		if _, err := fmt.Sscanf(line, "%d %s %d MARKET", &o.OrderID, &o.Side, &o.Quantity); err != nil {
			t.Fatalf("order %q: %v", line, err)
		}
		return b.Add(o, trades)
	}
	var err error
	if o.Price, err = ParsePrice(price); err != nil {
		t.Fatal(err)
	}
	return b.Add(o, trades)
}

func TestBook(t *testing.T) {
	for _, test := range []struct {
		name   string
		orders []string
		want   []string
	}{
		{"nothing to match", []string{"1 BUY 100 @ 10", "2 SELL 100 @ 10.01"}, nil},
		{"whole", []string{"1 BUY 100 @ 10", "2 SELL 100 @ 10"},
			[]string{"trade 1: 100 from 2 to 1 @ 10.00", "1 FILLED 100 of 100", "2 FILLED 100 of 100"}},
		{"partial fill of the taker", []string{"1 BUY 30 @ 10", "2 SELL 100 @ 10", "3 BUY 70 @ 10"},
			[]string{"trade 1: 30 from 2 to 1 @ 10.00", "1 FILLED 30 of 30",
				"trade 2: 70 from 2 to 3 @ 10.00", "2 FILLED 100 of 100", "3 FILLED 70 of 70"}},
		{"the price is that of the order that waited", []string{"1 SELL 10 @ 9", "2 BUY 10 @ 11"},
			[]string{"trade 1: 10 from 1 to 2 @ 9.00", "1 FILLED 10 of 10", "2 FILLED 10 of 10"}},
		{"best price first", []string{"1 SELL 10 @ 12", "2 SELL 10 @ 11", "3 SELL 10 @ 13", "4 BUY 25 @ 12.50"},
			[]string{"trade 1: 10 from 2 to 4 @ 11.00", "trade 2: 10 from 1 to 4 @ 12.00", "2 FILLED 10 of 10", "1 FILLED 10 of 10"}},
		{"first come first served", []string{"1 BUY 10 @ 10", "2 BUY 10 @ 10", "3 BUY 10 @ 10", "4 SELL 15 @ 10"},
			[]string{"trade 1: 10 from 4 to 1 @ 10.00", "trade 2: 5 from 4 to 2 @ 10.00", "1 FILLED 10 of 10", "4 FILLED 15 of 15"}},
		{"a partial fill keeps its place", []string{"1 BUY 10 @ 10", "2 BUY 10 @ 10", "3 SELL 5 @ 10", "4 SELL 5 @ 10"},
			[]string{"trade 1: 5 from 3 to 1 @ 10.00", "3 FILLED 5 of 5", "trade 2: 5 from 4 to 1 @ 10.00", "1 FILLED 10 of 10", "4 FILLED 5 of 5"}},
		{"market order takes any price", []string{"1 SELL 10 @ 10", "2 SELL 10 @ 99", "3 BUY 15 MARKET"},
			[]string{"trade 1: 10 from 1 to 3 @ 10.00", "trade 2: 5 from 2 to 3 @ 99.00", "1 FILLED 10 of 10", "3 FILLED 15 of 15"}},
		{"the rest of a market order is cancelled", []string{"1 BUY 10 @ 10", "2 SELL 15 MARKET"},
			[]string{"trade 1: 10 from 2 to 1 @ 10.00", "1 FILLED 10 of 10", "2 CANCELLED 10 of 15"}},
		{"market order in an empty book", []string{"1 SELL 15 MARKET"}, []string{"1 CANCELLED 0 of 15"}},
		{"a cancelled order does not trade", []string{"1 BUY 10 @ 10", "2 BUY 10 @ 10", "CANCEL 1", "3 SELL 10 @ 10"},
			[]string{"1 CANCELLED 0 of 10", "trade 1: 10 from 3 to 2 @ 10.00", "2 FILLED 10 of 10", "3 FILLED 10 of 10"}},
		{"cancel after a partial fill", []string{"1 BUY 10 @ 10", "2 SELL 4 @ 10", "CANCEL 1"},
			[]string{"trade 1: 4 from 2 to 1 @ 10.00", "2 FILLED 4 of 4", "1 CANCELLED 4 of 10"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := play(t, NewBook("X"), test.orders...); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestBookDepth(t *testing.T) {
	b := NewBook("X")
	play(t, b, "1 BUY 10 @ 10", "2 BUY 20 @ 9", "3 BUY 30 @ 10", "4 BUY 5 @ 8", "5 SELL 7 @ 12", "6 SELL 8 @ 11", "CANCEL 4")
	bids, asks := b.Depth(-1)
	wantBids := []Quote{{10 * priceUnit, 40, 2}, {9 * priceUnit, 20, 1}}
	wantAsks := []Quote{{11 * priceUnit, 8, 1}, {12 * priceUnit, 7, 1}}
	if !reflect.DeepEqual(bids, wantBids) || !reflect.DeepEqual(asks, wantAsks) {
		t.Errorf("depth is %v, %v; want %v, %v", bids, asks, wantBids, wantAsks)
	}
	if bids, asks = b.Depth(1); len(bids) != 1 || len(asks) != 1 || bids[0] != wantBids[0] || asks[0] != wantAsks[0] {
		t.Errorf("depth of 1 is %v, %v", bids, asks)
	}
}

// reference matches as the rules say it, by looking at every open order: slow and plain.
type reference struct {
	open   []*resting // in order of arrival
	trades uint64
}

func (r *reference) add(o *Order) (m Match) {
	taker := &resting{order: o, left: o.Quantity}
	for taker.left > 0 {
		maker := r.best(o)
		if maker < 0 {
			break
		}
		r.trades++
		other := r.open[maker]
		n := min(taker.left, other.left)
		taker.left, other.left = taker.left-n, other.left-n
		m.Trades = append(m.Trades, newTrade(r.trades, o, other.order, n))
		if other.left == 0 {
			r.open = append(r.open[:maker], r.open[maker+1:]...)
			m.closeOrder(other, Filled)
		}
	}
	switch {
	case taker.left == 0:
		m.closeOrder(taker, Filled)
	case o.Type == Market:
		m.closeOrder(taker, Cancelled)
	default:
		r.open = append(r.open, taker)
	}
	return m
}

// best returns the first of the open orders with the best price that o may trade at, or -1.
func (r *reference) best(o *Order) int {
	best := -1
	for i, other := range r.open {
		p := other.order.Price
		if other.order.Side == o.Side || o.Type == Limit && (o.Side == Buy && p > o.Price || o.Side == Sell && p < o.Price) {
			continue
		}
		if best < 0 || o.Side == Buy && p < r.open[best].order.Price || o.Side == Sell && p > r.open[best].order.Price {
			best = i
		}
	}
	return best
}

func (r *reference) remove(id uint64) (m Match, ok bool) {
	for i, other := range r.open {
		if other.order.OrderID == id {
			r.open = append(r.open[:i], r.open[i+1:]...)
			m.closeOrder(other, Cancelled)
			return m, true
		}
	}
	return m, false
}

// TestBookAgainstReference holds the book to a plain reading of its rules, on random flow.
func TestBookAgainstReference(t *testing.T) {
	flow, book, ref := newFlow(7, 0), NewBook("X"), &reference{}
	var trades uint64
	for range 20_000 {
		for _, e := range flow.nextEvents(nil) {
			var got, want Match
			open := true
			switch e := e.(type) {
			case *OrderSubmitted:
				e.Symbol = "X"
				e.Price = priceUnit + e.Price%priceUnit // all in one range
				got, want = book.Add(&e.Order, &trades), ref.add(&e.Order)
			case *CancelRequested:
				if want, open = ref.remove(e.OrderID); open {
					got = book.Remove(e.OrderID)
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v:\ngot  %+v\nwant %+v", e, got, want)
			}
		}
	}
	if trades < 5000 {
		t.Errorf("only %d trades: the flow is too thin to prove anything", trades)
	}
	compareDepth(t, book, ref)
}

// compareDepth compares the sums that the book keeps with those of the open orders.
func compareDepth(t *testing.T, book *Book, ref *reference) {
	t.Helper()
	var got, want Quote
	bids, asks := book.Depth(-1)
	for _, q := range append(bids, asks...) {
		got.Quantity += q.Quantity
		got.Orders += q.Orders
	}
	for _, r := range ref.open {
		want.Quantity += r.left
		want.Orders++
	}
	if got != want || len(book.open) != want.Orders {
		t.Errorf("the book shows %+v and %d orders, open are %+v", got, len(book.open), want)
	}
}

func TestPrice(t *testing.T) {
	for text, want := range map[string]string{
		"150.25": "150.25", "150": "150.00", "150.": "150.00", "0.0001": "0.0001", "242.1250": "242.125", "7.5": "7.50",
		"922337203685477.5807": "922337203685477.5807", "0": "0.00",
	} {
		if p, err := ParsePrice(text); err != nil || p.String() != want {
			t.Errorf("%q: got %s, %v; want %s", text, p, err, want)
		}
	}
	for _, text := range []string{"", ".", ".5", "-1", "+1", "1e3", "1.23456", "1,000", "0x10", "NaN", "922337203685477.5808", " 1"} {
		if p, err := ParsePrice(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, p)
		}
	}
}
