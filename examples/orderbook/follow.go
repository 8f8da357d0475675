package main

import (
	"fmt"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

// Follow returns a channel on which the audit tells how an order ends, or that it does not.
func (a *Audit) Follow(orderID uint64) <-chan string {
	a.mu.Lock()
	defer a.mu.Unlock()
	ends := make(chan string, 1)
	a.followed[orderID] = ends
	return ends
}

// Unfollow ends that.
func (a *Audit) Unfollow(orderID uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.followed, orderID)
}

// tellFollower tells the follower of an order, if there is one.
func (a *Audit) tellFollower(orderID uint64, what string) {
	select {
	case a.followed[orderID] <- what:
	default: // no follower, or told already
	}
}

// Trades returns the latest trades, and how many there were.
func (a *Audit) Trades() (latest []*TradeExecuted, all uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append(latest, a.trades.Latest()...), a.totals.Executed
}

// describeEnding says how an order ended.
func describeEnding(o *OrderClosed) string {
	if o.State == Filled {
		return fmt.Sprintf("filled, %s", describeTraded(o.Side, o.Filled, o.Filled))
	}
	return fmt.Sprintf("cancelled, %s", describeTraded(o.Side, o.Filled, o.Filled+o.Unfilled))
}

// describeResting says that the rest of an order waits in the book.
func describeResting(o *Order, left int64) string {
	if left == o.Quantity {
		return fmt.Sprintf("%s shares wait in the book at %s", cli.Count(left), o.Price)
	}
	return fmt.Sprintf("%s, %s wait in the book at %s", describeTraded(o.Side, o.Quantity-left, o.Quantity), cli.Count(left), o.Price)
}

// describeTraded says how much of an order was traded.
func describeTraded(side Side, traded, ordered int64) string {
	verb := "bought"
	if side == Sell {
		verb = "sold"
	}
	if traded == ordered {
		return fmt.Sprintf("%s shares %s", cli.Count(traded), verb)
	}
	return fmt.Sprintf("%s of %s shares %s", cli.Count(traded), cli.Count(ordered), verb)
}
