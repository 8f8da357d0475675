package main

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

func limit(id uint64, side Side, quantity int64, price Price) Order {
	return Order{OrderID: id, TraderID: "T", Symbol: "X", Side: side, Type: Limit, Quantity: quantity, Price: price * priceUnit}
}

func TestGate(t *testing.T) {
	gate := &Gate{Rules: []Rule{MaxValue(1000 * priceUnit), Suspended("TSLA")}}
	suspended := limit(1, Buy, 1, 1)
	suspended.Symbol = "TSLA"
	for _, test := range []struct {
		order  Order
		reason string
	}{
		{limit(1, Buy, 100, 10), ""},
		{limit(1, Sell, 101, 10), "order value 1010.00 is over 1000.00"},
		{suspended, "TSLA is suspended from trading"},
	} {
		fed := necrotest.Feed(t, gate, &OrderSubmitted{test.order})
		accepted, rejected := necrotest.Emitted[OrderAccepted](fed), necrotest.Emitted[OrderRejected](fed)
		switch {
		case fed.Err != nil || len(accepted)+len(rejected) != 1:
			t.Errorf("%+v: %d accepted, %d rejected, %v", test.order, len(accepted), len(rejected), fed.Err)
		case test.reason == "" && (len(accepted) == 0 || accepted[0].Order != test.order):
			t.Errorf("%+v is not accepted as it was", test.order)
		case test.reason != "" && (len(rejected) == 0 || rejected[0].Reason != test.reason):
			t.Errorf("%+v is not rejected, or for another reason", test.order)
		}
	}
}

// TestRepeatedOrder delivers every order twice: the answer is the same, the book moves once.
func TestRepeatedOrder(t *testing.T) {
	matching := NewMatching(nil)
	compare := func(next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, e necro.Event) error {
			o := e.(*OrderAccepted)
			trades, closed, rejected, err := matching.Match(ctx, o)
			again, closedAgain, rejectedAgain, errAgain := matching.Match(ctx, o)
			if !reflect.DeepEqual([]any{trades, closed, rejected, err}, []any{again, closedAgain, rejectedAgain, errAgain}) {
				t.Errorf("order %d: answered %v, then %v", o.OrderID, trades, again)
			}
			return next(ctx, e)
		}
	}
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&OrderAccepted{limit(1, Sell, 100, 10)})
		k.Publish(&OrderAccepted{limit(2, Buy, 60, 10)})
		k.Publish(&OrderAccepted{limit(1, Buy, 5, 9)}) // an id that is taken
		k.Drain()
		if trades := necrotest.Events[TradeExecuted](k); len(trades) != 1 || trades[0].Quantity != 60 {
			t.Errorf("trades %v, want one of 60 shares", trades)
		}
		if rejected := necrotest.Events[OrderRejected](k); len(rejected) != 1 || rejected[0].OrderID != 1 {
			t.Errorf("rejected %v, want order 1", rejected)
		}
	}, necro.WithOrgans(matching), necro.WithMiddleware(compare))
	want := Snapshot{"X", 10 * priceUnit, 1, nil, []Quote{{10 * priceUnit, 40, 1}}}
	if got := matching.Snapshots(-1); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("books %+v, want %+v", got, want)
	}
}

func TestCancel(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&OrderAccepted{limit(1, Sell, 100, 10)})
		k.Publish(&CancelAccepted{Cancel{OrderID: 1, TraderID: "somebody else", Symbol: "X"}})
		k.Publish(&CancelAccepted{Cancel{OrderID: 1, TraderID: "T", Symbol: "X"}})
		k.Publish(&CancelAccepted{Cancel{OrderID: 1, TraderID: "T", Symbol: "X"}})
		k.Drain()
		closed := necrotest.Events[OrderClosed](k)
		if len(closed) != 1 || closed[0].State != Cancelled || closed[0].Unfilled != 100 {
			t.Errorf("closed %+v, want order 1 cancelled", closed)
		}
		var reasons []string
		for _, r := range necrotest.Events[CancelRejected](k) {
			reasons = append(reasons, r.Reason)
		}
		if want := []string{"it is another trader's order", "no such open order"}; !reflect.DeepEqual(reasons, want) {
			t.Errorf("refused %q, want %q", reasons, want)
		}
	}, necro.WithOrgans(NewMatching(nil)))
}

// houseFunc is a clearing house for a test.
type houseFunc func(ctx context.Context, key necro.ID) error

func (f houseFunc) Clear(ctx context.Context, key necro.ID, _ *Trade) error { return f(ctx, key) }

func trade(id uint64, buyer, seller string, quantity int64) Trade {
	return Trade{TradeID: id, Symbol: "X", Price: 1, Quantity: quantity, BuyOrderID: 1, SellOrderID: 2, Buyer: buyer, Seller: seller}
}

func TestSettlementRetriesUnderOneKey(t *testing.T) {
	var keys []necro.ID
	house := houseFunc(func(_ context.Context, key necro.ID) error {
		if keys = append(keys, key); len(keys) < 3 {
			return errUnavailable
		}
		return nil
	})
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&TradeExecuted{trade(1, "A", "B", 10)})
		k.Drain()
		if settled := necrotest.Events[TradeSettled](k); len(settled) != 1 {
			t.Errorf("settled %d times, want once", len(settled))
		}
	}, necro.WithOrgans(&Settlement{house}))
	if len(keys) != 3 || keys[0] != keys[1] || keys[1] != keys[2] {
		t.Errorf("called with the keys %v, want three times the same", keys)
	}
}

func TestSettlementGivesUp(t *testing.T) {
	for _, test := range []struct {
		name     string
		house    houseFunc
		reason   contract.Reason
		attempts int
	}{
		{"refused", func(context.Context, necro.ID) error { return ErrRefused }, contract.ReasonPermanent, 1},
		{"down", func(context.Context, necro.ID) error { return errUnavailable }, contract.ReasonExhausted, 6},
		{"silent", func(ctx context.Context, _ necro.ID) error { <-ctx.Done(); return ctx.Err() }, contract.ReasonExhausted, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
				k.Publish(&TradeExecuted{trade(1, "A", "B", 10)})
				k.Drain()
				letters := k.DeadLetters("settlement")
				if len(letters) != 1 || letters[0].Reason != test.reason || letters[0].Attempts+1 != test.attempts {
					t.Errorf("dead letters %+v, want one: %s after %d attempts", letters, test.reason, test.attempts)
				}
			}, necro.WithOrgans(&Settlement{test.house}))
		})
	}
}

// TestSettlementBreaker has a house that is down for a minute: the breaker keeps most calls
// away from it, and all trades are settled when it is back.
func TestSettlementBreaker(t *testing.T) {
	const trades = 100
	var down time.Time
	calls := 0
	house := houseFunc(func(context.Context, necro.ID) error {
		if time.Now().Before(down) {
			calls++
			return errUnavailable
		}
		return nil
	})
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		down = time.Now().Add(time.Minute)
		for i := range uint64(trades) {
			k.Publish(&TradeExecuted{trade(i+1, "A", "B", 10)})
		}
		k.Drain()
		if settled := necrotest.Events[TradeSettled](k); len(settled) != trades {
			t.Errorf("%d trades settled, want %d", len(settled), trades)
		}
		if calls > 20+60 {
			t.Errorf("%d calls of a house that is down: want 20, and one trial each second", calls)
		}
	}, necro.WithOrgans(&Settlement{house}), necro.WithPolicy("settlement", necro.Retry(100), necro.Concurrency(1)))
}

func TestRisk(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		for i, quantity := range []int64{60, 40, 1, 5} { // the third takes both over 100
			k.Publish(&TradeSettled{trade(uint64(i+1), "A", "B", quantity)})
		}
		k.Publish(&TradeSettled{trade(5, "B", "A", 10)}) // back under it
		k.Publish(&TradeSettled{trade(6, "A", "C", 5)})  // A over it again
		k.Drain()
		var got []LimitBreached
		for _, b := range necrotest.Events[LimitBreached](k) {
			got = append(got, *b)
		}
		want := []LimitBreached{{"A", "X", 101, 100}, {"B", "X", -101, 100}, {"A", "X", 101, 100}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("breaches %+v, want %+v", got, want)
		}
	}, necro.WithOrgans(NewRisk(100)), necro.WithMiddleware(twice))
}

// twice runs every delivery twice, as two processes do when a lease runs out between them.
func twice(next necro.HandlerFunc) necro.HandlerFunc {
	return func(ctx context.Context, e necro.Event) error {
		first, second := next(ctx, e), next(ctx, e)
		if second == nil && errors.Is(first, ErrRefused) {
			return first // a refusal is final
		}
		return second
	}
}
