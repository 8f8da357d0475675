package main

import (
	"context"
	"io"
	"sync"

	"github.com/necrostack/necrogen/examples/internal/once"
	"github.com/necrostack/necrogen/examples/internal/trail"
	necro "github.com/necrostack/necrogen/runtime"
)

// Audit sees every event: its handler takes an interface. It counts what happened,
// independently of the organs that made it happen, and keeps the trail.
//
//necro:organ audit exclusive
type Audit struct {
	trail *trail.Trail

	mu       sync.Mutex // the totals are shown while the organ runs
	seen     *once.Memo[error]
	totals   Totals
	trades   trail.Tape[*TradeExecuted]
	rejected trail.Tape[*OrderRejected]
	breaches trail.Tape[*LimitBreached]
	followed map[uint64]chan string
}

// Totals counts events.
type Totals struct {
	Events                      uint64
	Submitted, Rejected         uint64 // orders
	Filled, Cancelled           uint64 // orders that left the book
	Cancels, CancelsRejected    uint64
	Executed, Settled, Breaches uint64
	SharesTraded, SharesSettled int64
	SharesBought, SharesSold    int64 // by the orders that left the book
}

// NewAudit returns an audit that keeps the latest trades, rejections and breaches, so many
// of each, and writes every event as a line of JSON to events, which may be nil.
func NewAudit(events io.Writer, latest int) *Audit {
	a := &Audit{trail: trail.New(events), seen: once.New[error](remembered), followed: map[uint64]chan string{}}
	a.trades.Size, a.rejected.Size, a.breaches.Size = latest, latest, latest
	return a
}

// Record enters an event.
//
//necro:handle
func (a *Audit) Record(ctx context.Context, e necro.Event) error {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return errNoMeta
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen.Do(meta.ID, func() error {
		a.countEvent(e)
		return a.trail.Add(&meta, e)
	})
}

// Totals returns the counts so far.
func (a *Audit) Totals() Totals {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.totals
}

func (a *Audit) countEvent(e necro.Event) {
	t := &a.totals
	t.Events++
	switch e := e.(type) {
	case *OrderSubmitted:
		t.Submitted++
	case *OrderRejected:
		t.Rejected++
		a.rejected.Add(e)
		a.tellFollower(e.OrderID, "rejected: "+e.Reason)
	case *CancelRequested:
		t.Cancels++
	case *CancelRejected:
		t.CancelsRejected++
		a.tellFollower(e.OrderID, "not cancelled: "+e.Reason)
	case *OrderClosed:
		t.countClosed(e)
		a.tellFollower(e.OrderID, describeEnding(e))
	case *TradeExecuted:
		t.Executed++
		t.SharesTraded += e.Quantity
		a.trades.Add(e)
	case *TradeSettled:
		t.Settled++
		t.SharesSettled += e.Quantity
	case *LimitBreached:
		t.Breaches++
		a.breaches.Add(e)
	}
}

func (t *Totals) countClosed(e *OrderClosed) {
	if e.Side == Buy {
		t.SharesBought += e.Filled
	} else {
		t.SharesSold += e.Filled
	}
	if e.State == Filled {
		t.Filled++
	} else {
		t.Cancelled++
	}
}
