package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// lettersShown is how many dead letters a report lists.
const lettersShown = 10

// writeReport writes the books, the trades and the statistics; whole says that nothing was lost.
func (x *exchange) writeReport(ctx context.Context, o *options, took time.Duration, stdout io.Writer) (whole bool, err error) {
	w, a, s := bufio.NewWriter(stdout), x.audit, x.summarize(ctx, took)
	for _, book := range x.matching.Snapshots(o.depth) {
		writeBook(w, book)
	}
	writeTrades(w, a.trades.Latest(), s.Executed)
	writeSection(w, "Rejected orders", a.rejected.Latest(), s.Rejected, func(r *OrderRejected) {
		fmt.Fprintf(w, "%10d %-14s %s\n", r.OrderID, r.TraderID, r.Reason)
	})
	letters, all, err := x.unsettledLetters(ctx)
	writeUnsettled(w, letters, all)
	writeSection(w, "Positions over their limit", a.breaches.Latest(), s.Breaches, func(b *LimitBreached) {
		fmt.Fprintf(w, "%10s %-14s %s shares, limit %s\n", b.TraderID, b.Symbol, cli.Count(b.Position), cli.Count(b.Limit))
	})
	s.writeStatistics(w, o.stress > 0)
	return s.isWhole(), errors.Join(err, w.Flush())
}

// unsettledLetters returns the first dead letters of settlement, and how many there are. A backend
// that outlives a run keeps those of earlier ones, too.
func (x *exchange) unsettledLetters(ctx context.Context) (letters []contract.DeadLetter, all uint64, err error) {
	letters, err = x.backend.DeadLetters(ctx, "settlement", necro.ID{}, lettersShown)
	return letters, x.drawBalance(ctx).dead, err
}

// writeUnsettled lists dead letters.
func writeUnsettled(w io.Writer, letters []contract.DeadLetter, all uint64) {
	writeSection(w, "Trades not settled", letters, all, func(l contract.DeadLetter) {
		t := tradeOf(&l)
		fmt.Fprintf(w, "%10d %-14s %d attempts: %s\n", t.TradeID, t.Symbol, l.Attempts+1, l.Error)
	})
}

// tradeOf reads the trade of a dead letter. One that cannot be read is shown without its values.
func tradeOf(l *contract.DeadLetter) *TradeExecuted {
	t := new(TradeExecuted)
	if payload, err := l.Message.Encoded(); err == nil {
		t.ReadMsgpack(payload)
	}
	return t
}

// writeSection lists items, of which there are more in all than are kept.
func writeSection[T any](w io.Writer, title string, items []T, all uint64, write func(T)) {
	if len(items) == 0 {
		return
	}
	if all > uint64(len(items)) {
		title += fmt.Sprintf(", %d of %s", len(items), cli.Count(all))
	}
	fmt.Fprintln(w, title)
	for _, item := range items {
		write(item)
	}
	fmt.Fprintln(w)
}

// writeTrades lists trades.
func writeTrades(w io.Writer, trades []*TradeExecuted, all uint64) {
	columns := fmt.Sprintf("%10s %-8s %9s %12s   %-14s %s", "Trade", "symbol", "shares", "price", "buyer", "seller")
	writeSection(w, columns, trades, all, func(t *TradeExecuted) {
		fmt.Fprintf(w, "%10d %-8s %9s %12s   %-14s %s\n", t.TradeID, t.Symbol, cli.Count(t.Quantity), t.Price, t.Buyer, t.Seller)
	})
}

// writeBook draws a book as a ladder: asks above, bids below. Beside the shares stands the number of orders.
func writeBook(w io.Writer, s Snapshot) {
	fmt.Fprintln(w, bookHeadline(s))
	if s.Orders > 0 {
		fmt.Fprintf(w, "%12s %6s %12s   %s\n", "bids", "", "price", "asks")
	}
	for i := range s.Asks {
		q := s.Asks[len(s.Asks)-1-i]
		fmt.Fprintf(w, "%12s %6s %12s   %s (%d)\n", "", "", q.Price, cli.Count(q.Quantity), q.Orders)
	}
	if len(s.Asks) > 0 && len(s.Bids) > 0 {
		fmt.Fprintf(w, "%12s %6s %12s\n", "", "", "-- "+(s.Asks[0].Price-s.Bids[0].Price).String()+" --")
	}
	for _, q := range s.Bids {
		fmt.Fprintf(w, "%12s %6s %12s\n", cli.Count(q.Quantity), "("+strconv.Itoa(q.Orders)+")", q.Price)
	}
	fmt.Fprintln(w)
}

func bookHeadline(s Snapshot) string {
	text := s.Symbol + ": "
	switch s.Orders {
	case 0:
		text += "no open orders"
	case 1:
		text += "1 open order"
	default:
		text += cli.Count(s.Orders) + " open orders"
	}
	if s.Last != 0 {
		text += ", last trade at " + s.Last.String()
	}
	return text
}
