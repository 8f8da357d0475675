package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// unreliableHouse fails at random: before it took a trade over or, worse, after.
type unreliableHouse struct {
	mu      sync.Mutex
	dice    *rand.Rand
	cleared map[necro.ID]uint64 // key to trade
	failed  int
}

func (h *unreliableHouse) Clear(_ context.Context, key necro.ID, t *Trade) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	how := h.dice.Float64()
	if how >= 0.2 {
		h.cleared[key] = t.TradeID
	}
	if how < 0.4 {
		h.failed++
		return errUnavailable
	}
	return nil
}

// ledger is an account of every order and every trade, kept from the events alone.
type ledger struct {
	t       *testing.T
	seen    map[necro.ID]bool
	orders  map[uint64]*account
	trades  map[uint64]*TradeExecuted
	settled map[uint64]bool
}

// account is what is known of an order.
type account struct {
	Order
	traded int64
	ends   int // times that it was rejected or closed
	closed OrderClosed
}

func newLedger(t *testing.T) *ledger {
	return &ledger{t, map[necro.ID]bool{}, map[uint64]*account{}, map[uint64]*TradeExecuted{}, map[uint64]bool{}}
}

// listen enters the events that the audit is given: all of them, each once.
func (l *ledger) listen(next necro.HandlerFunc) necro.HandlerFunc {
	return func(ctx context.Context, e necro.Event) error {
		if meta, _ := necro.MetaFrom(ctx); meta.Organ == "audit" {
			if l.seen[meta.ID] {
				l.t.Errorf("%s %s was stored twice", meta.Type, meta.ID)
			}
			l.seen[meta.ID] = true
			l.enter(e)
		}
		return next(ctx, e)
	}
}

func (l *ledger) enter(e necro.Event) {
	switch e := e.(type) {
	case *OrderSubmitted:
		l.orders[e.OrderID] = &account{Order: e.Order}
	case *OrderRejected:
		l.orders[e.OrderID].ends++
	case *OrderClosed:
		a := l.orders[e.OrderID]
		a.ends++
		a.closed = *e
	case *TradeExecuted:
		if l.trades[e.TradeID] != nil {
			l.t.Errorf("trade %d was made twice", e.TradeID)
		}
		l.trades[e.TradeID] = e
		l.orders[e.BuyOrderID].traded += e.Quantity
		l.orders[e.SellOrderID].traded += e.Quantity
	case *TradeSettled:
		if l.settled[e.TradeID] {
			l.t.Errorf("trade %d was settled twice", e.TradeID)
		}
		l.settled[e.TradeID] = true
	}
}

// checkOrders holds that every order is rejected, closed or resting, exactly one of them,
// with as many shares as were traded, and that as many were bought as sold.
func (l *ledger) checkOrders(m *Matching) {
	var bought, sold int64
	for id, a := range l.orders {
		_, left, resting := m.Find(id)
		switch {
		case a.ends == 0 && !resting:
			l.t.Errorf("order %d is lost", id)
		case a.ends > 1 || a.ends == 1 && resting:
			l.t.Errorf("order %d ended %d times, resting: %t", id, a.ends, resting)
		case resting && a.traded+left != a.Quantity:
			l.t.Errorf("order %d: %d shares traded, %d rest, %d ordered", id, a.traded, left, a.Quantity)
		case a.closed.OrderID != 0 && (a.closed.Filled != a.traded || a.closed.Filled+a.closed.Unfilled != a.Quantity):
			l.t.Errorf("order %d: %d shares traded, %d ordered, closed as %+v", id, a.traded, a.Quantity, a.closed)
		}
		if a.Side == Buy {
			bought += a.traded
		} else {
			sold += a.traded
		}
	}
	if bought != sold || bought == 0 {
		l.t.Errorf("%d shares bought, %d sold", bought, sold)
	}
}

// checkSettled holds that every trade is settled or a dead letter; it returns the latter.
func (l *ledger) checkSettled(backend cli.Backend) (dead map[uint64]bool) {
	letters, err := backend.DeadLetters(l.t.Context(), "settlement", necro.ID{}, contract.DefaultDeadLetters)
	if err != nil {
		l.t.Fatal(err)
	}
	dead = map[uint64]bool{}
	for _, letter := range letters {
		dead[tradeOf(&letter).TradeID] = true
	}
	for id := range l.trades {
		if l.settled[id] == dead[id] {
			l.t.Errorf("trade %d: settled %t, dead letter %t", id, l.settled[id], dead[id])
		}
	}
	return dead
}

// checkCash holds that what buyers pay is what sellers get, and that nobody pays more or gets
// less than the order says.
func (l *ledger) checkCash() {
	cash, sum := map[string]Price{}, Price(0)
	for id, x := range l.trades {
		buy, sell := l.orders[x.BuyOrderID], l.orders[x.SellOrderID]
		if buy.Type == Limit && x.Price > buy.Price || sell.Type == Limit && x.Price < sell.Price {
			l.t.Errorf("trade %d at %s: bought at a limit of %s, sold at one of %s", id, x.Price, buy.Price, sell.Price)
		}
		if buy.TraderID != x.Buyer || sell.TraderID != x.Seller || buy.Side != Buy || sell.Side != Sell {
			l.t.Errorf("trade %d is not between its orders: %+v", id, x)
		}
		cash[buy.TraderID] -= x.Price * Price(x.Quantity)
		cash[sell.TraderID] += x.Price * Price(x.Quantity)
	}
	for _, amount := range cash {
		sum += amount
	}
	if sum != 0 {
		l.t.Errorf("%s is left of all cash", sum)
	}
}

// checkHouse holds that the house has taken over every settled trade once.
func (l *ledger) checkHouse(house *unreliableHouse) {
	cleared := map[uint64]int{}
	for _, id := range house.cleared {
		cleared[id]++
	}
	for id := range l.trades {
		if l.settled[id] && cleared[id] != 1 || cleared[id] > 1 {
			l.t.Errorf("trade %d: settled %t, taken over by the house %d times", id, l.settled[id], cleared[id])
		}
	}
}

// number returns how many orders a test runs: a tenth under the race detector.
func number(orders uint64) uint64 {
	if raceDetector {
		return orders / 10
	}
	return orders
}

// TestConservation runs 100,000 random orders through the whole exchange, each delivery
// twice, with a clearing house that fails at random.
func TestConservation(t *testing.T) {
	orders := number(100_000)
	house := &unreliableHouse{dice: rand.New(rand.NewPCG(1, 2)), cleared: map[necro.ID]uint64{}}
	books := newLedger(t)
	o := &options{log: slog.New(slog.DiscardHandler), maxValue: 40_000 * priceUnit, limit: 1000}
	x, err := newExchange(t.Context(), o, outside{backend: memory.New(), house: house},
		necro.WithMiddleware(books.listen, twice),
		necro.WithPolicy("settlement", necro.Retry(4), necro.Backoff(time.Microsecond, time.Millisecond), necro.Breaker(0, 0)))
	if err != nil {
		t.Fatal(err)
	}
	err = cli.Serve(t.Context(), x.spine, func(ctx context.Context) error { return newFlow(3, 0).publishRandom(ctx, x, orders) })
	if err != nil {
		t.Fatal(err)
	}
	books.checkOrders(x.matching)
	books.checkCash()
	books.checkHouse(house)
	dead := books.checkSettled(x.backend)
	if len(books.orders) != int(orders) || len(dead) == 0 || house.failed == 0 || x.audit.totals.Rejected == 0 || x.audit.totals.CancelsRejected == 0 {
		t.Errorf("%d orders, %d dead letters, %d failed calls, %+v: want %d orders and some of everything",
			len(books.orders), len(dead), house.failed, x.audit.totals, orders)
	}
	checkSummary(t, x)
}

// checkSummary holds that the program's own account says the same.
func checkSummary(t *testing.T, x *exchange) {
	t.Helper()
	if s := x.summarize(t.Context(), time.Second); !s.isWhole() {
		t.Errorf("%d orders lost, %d trades lost, %d shares bought, %d sold, %d traded",
			s.lostOrders(), s.lostTrades(), s.sharesBought(), s.sharesSold(), s.SharesTraded)
	}
}

// TestServeStopsFeedingWhenTheSpineEnds has a spine that ends by itself while more orders
// than the backend holds are still to be published.
func TestServeStopsFeedingWhenTheSpineEnds(t *testing.T) {
	o := &options{log: slog.New(slog.DiscardHandler), maxValue: 1 << 60, limit: 1 << 60}
	x, err := newExchange(t.Context(), o, outside{backend: memory.New(), house: &SimulatedHouse{}}, necro.WithMaxSteps(1000))
	if err != nil {
		t.Fatal(err)
	}
	err = cli.Serve(t.Context(), x.spine, func(ctx context.Context) error { return newFlow(1, 0).publishRandom(ctx, x, 1_000_000) })
	if !errors.Is(err, necro.ErrMaxSteps) {
		t.Errorf("served with %v, want %v", err, necro.ErrMaxSteps)
	}
}
