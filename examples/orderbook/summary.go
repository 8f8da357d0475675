package main

import (
	"fmt"
	"io"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
)

// summary is what a run did. The audit's totals and the books are counted apart, so that
// one proves the other.
type summary struct {
	Totals
	published    uint64 // orders and cancels
	resting      uint64 // orders in the books
	bought, sold int64  // shares, by all orders
	dead         uint64 // trades that were not settled
	stats        necro.Stats
	took         time.Duration
}

func (x *exchange) summary(took time.Duration) *summary {
	s := &summary{Totals: x.audit.totals, stats: x.spine.Stats(), took: took}
	s.published = s.stats.Published
	s.resting, s.bought, s.sold = x.matching.Resting()
	s.bought += s.SharesBought
	s.sold += s.SharesSold
	for _, r := range s.stats.Routes {
		if r.Organ == "settlement" {
			s.dead = r.Dead
		}
	}
	return s
}

// orders is how many orders were published.
func (s *summary) orders() uint64 { return s.published - s.Cancels }

// lostOrders is how many orders nobody can account for.
func (s *summary) lostOrders() int64 {
	return int64(s.orders()) - int64(s.Rejected+s.Filled+s.Cancelled+s.resting)
}

// lostTrades is how many trades nobody can account for.
func (s *summary) lostTrades() int64 { return int64(s.Executed) - int64(s.Settled+s.dead) }

// whole reports whether nothing was lost, and as much bought as sold.
func (s *summary) whole() bool {
	return s.lostOrders() == 0 && s.lostTrades() == 0 && s.bought == s.sold && s.bought == s.SharesTraded
}

func (s *summary) write(w io.Writer) {
	n, seconds := cli.Count[uint64], max(s.took.Seconds(), 1e-6)
	fmt.Fprintln(w, "Statistics")
	fmt.Fprintf(w, "  orders   %s: %s filled, %s cancelled, %s rejected, %s resting, %s lost\n",
		n(s.orders()), n(s.Filled), n(s.Cancelled), n(s.Rejected), n(s.resting), cli.Count(s.lostOrders()))
	fmt.Fprintf(w, "  cancels  %s: %s found nothing to cancel\n", n(s.Cancels), n(s.CancelsRejected))
	fmt.Fprintf(w, "  trades   %s: %s settled, %s dead letters, %s lost\n",
		n(s.Executed), n(s.Settled), n(s.dead), cli.Count(s.lostTrades()))
	fmt.Fprintf(w, "  shares   %s bought, %s sold\n", cli.Count(s.bought), cli.Count(s.sold))
	fmt.Fprintf(w, "  risk     %s positions went over their limit\n", n(s.Breaches))
	fmt.Fprintf(w, "  work     %s events, %s deliveries handled, %s retried\n", n(s.Events), n(s.stats.Handled), n(s.stats.Retried))
	fmt.Fprintf(w, "  speed    %s orders/s, %s deliveries/s, %s in all\n", n(uint64(float64(s.orders())/seconds)),
		n(uint64(float64(s.stats.Handled)/seconds)), s.took.Round(time.Millisecond))
	fmt.Fprintf(w, "  memory   %s at most\n", cli.Bytes(cli.PeakMemory()))
}
