package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
)

// balance is what an exchange has at one moment.
type balance struct {
	resting      uint64 // orders in the books
	bought, sold int64  // shares, by those
	dead         uint64 // trades that were not settled
}

// drawBalance draws up the balance of this run.
func (x *exchange) drawBalance(ctx context.Context) (b balance) {
	b.resting, b.bought, b.sold = x.matching.Resting()
	for _, o := range x.backend.Health(ctx).Organs {
		if o.Organ == "settlement" {
			b.dead = uint64(o.Dead)
		}
	}
	return b
}

// summary is what a run did. The audit's totals and the books are counted apart, so that
// one proves the other.
type summary struct {
	Totals
	before, now balance
	published   uint64 // orders and cancels
	stats       necro.Stats
	took        time.Duration
}

func (x *exchange) summarize(ctx context.Context, took time.Duration) *summary {
	s := &summary{Totals: x.audit.Totals(), before: x.before, now: x.drawBalance(ctx), stats: x.spine.Stats(), took: took}
	s.published = s.stats.Published
	return s
}

// countOrders returns how many orders were published.
func (s *summary) countOrders() uint64 { return s.published - s.Cancels }

// sharesBought returns how many shares this run's trades have brought to buyers: of the orders that
// ended, and of those that rest, but for what these had before.
func (s *summary) sharesBought() int64 { return s.SharesBought + s.now.bought - s.before.bought }

// sharesSold returns the same for sellers.
func (s *summary) sharesSold() int64 { return s.SharesSold + s.now.sold - s.before.sold }

// lostOrders is how many orders are unaccounted for.
func (s *summary) lostOrders() int64 {
	return int64(s.before.resting+s.countOrders()) - int64(s.Rejected+s.Filled+s.Cancelled+s.now.resting)
}

// lostTrades is how many trades are unaccounted for.
func (s *summary) lostTrades() int64 {
	return int64(s.before.dead+s.Executed) - int64(s.Settled+s.now.dead)
}

// isWhole reports whether nothing was lost, and as much bought as sold.
func (s *summary) isWhole() bool {
	return s.lostOrders() == 0 && s.lostTrades() == 0 && s.sharesBought() == s.sharesSold() && s.sharesBought() == s.SharesTraded
}

// writeStatistics prints the statistics. A rate is printed only of a stress run, in which the program never waits on purpose.
func (s *summary) writeStatistics(w io.Writer, isStress bool) {
	n, seconds := cli.Count[uint64], max(s.took.Seconds(), 1e-6)
	fmt.Fprintln(w, "Statistics")
	if s.before != (balance{}) {
		fmt.Fprintf(w, "  before   %s orders were resting, %s trades were dead letters\n", n(s.before.resting), n(s.before.dead))
	}
	fmt.Fprintf(w, "  orders   %s: %s filled, %s cancelled, %s rejected, %s resting, %s lost\n",
		n(s.countOrders()), n(s.Filled), n(s.Cancelled), n(s.Rejected), n(s.now.resting), cli.Count(s.lostOrders()))
	fmt.Fprintf(w, "  cancels  %s: %s found nothing to cancel\n", n(s.Cancels), n(s.CancelsRejected))
	fmt.Fprintf(w, "  trades   %s: %s settled, %s dead letters, %s lost\n",
		n(s.Executed), n(s.Settled), n(s.now.dead), cli.Count(s.lostTrades()))
	fmt.Fprintf(w, "  shares   %s bought, %s sold\n", cli.Count(s.sharesBought()), cli.Count(s.sharesSold()))
	fmt.Fprintf(w, "  risk     %s positions went over their limit\n", n(s.Breaches))
	fmt.Fprintf(w, "  work     %s events, %s deliveries handled, %s retried\n", n(s.Events), n(s.stats.Handled), n(s.stats.Retried))
	if isStress {
		fmt.Fprintf(w, "  speed    %s orders/s, %s deliveries/s, %s in all\n", n(uint64(float64(s.countOrders())/seconds)),
			n(uint64(float64(s.stats.Handled)/seconds)), s.took.Round(time.Millisecond))
	}
	fmt.Fprintf(w, "  memory   %s at most\n", cli.Bytes(cli.PeakMemory()))
	if !isStress {
		fmt.Fprintf(w, "  took     %s: the simulated clearing house is slow, and fails, on purpose; --stress 1000000 measures the speed\n",
			s.took.Round(time.Millisecond))
	}
}
