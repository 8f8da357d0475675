package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/necrostack/necrogen/examples/internal/once"
	necro "github.com/necrostack/necrogen/runtime"
)

// Audit sees every event: its handler takes an interface. It counts what happened,
// independently of the organs that made it happen, and keeps the trail.
//
//necro:organ audit exclusive
type Audit struct {
	trail *json.Encoder // nil for none

	mu       sync.Mutex // the totals are shown while the organ runs
	seen     *once.Memo[error]
	totals   Totals
	trades   tape[*TradeExecuted]
	rejected tape[*OrderRejected]
	breaches tape[*LimitBreached]
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
// of each, and writes every event as a line of JSON to trail, which may be nil.
func NewAudit(trail io.Writer, latest int) *Audit {
	a := &Audit{seen: once.New[error](remembered), followed: map[uint64]chan string{}}
	a.trades.size, a.rejected.size, a.breaches.size = latest, latest, latest
	if trail != nil {
		a.trail = json.NewEncoder(trail)
	}
	return a
}

// entry is a line of the trail.
type entry struct {
	Time        time.Time   `json:"time"`
	Type        string      `json:"type"`
	ID          necro.ID    `json:"id"`
	Correlation necro.ID    `json:"correlation_id"`
	Causation   necro.ID    `json:"causation_id"`
	Event       necro.Event `json:"event"`
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
		a.count(e)
		if a.trail == nil {
			return nil
		}
		err := a.trail.Encode(entry{meta.Time, meta.Type, meta.ID, meta.Correlation, meta.Causation, e})
		if err != nil {
			return necro.Permanent(fmt.Errorf("write the audit trail: %w", err))
		}
		return nil
	})
}

// Totals returns what was counted so far.
func (a *Audit) Totals() Totals {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.totals
}

func (a *Audit) count(e necro.Event) {
	t := &a.totals
	t.Events++
	switch e := e.(type) {
	case *OrderSubmitted:
		t.Submitted++
	case *OrderRejected:
		t.Rejected++
		a.rejected.add(e)
		a.tell(e.OrderID, "rejected: "+e.Reason)
	case *CancelRequested:
		t.Cancels++
	case *CancelRejected:
		t.CancelsRejected++
		a.tell(e.OrderID, "not cancelled: "+e.Reason)
	case *OrderClosed:
		t.close(e)
		a.tell(e.OrderID, ending(e))
	case *TradeExecuted:
		t.Executed++
		t.SharesTraded += e.Quantity
		a.trades.add(e)
	case *TradeSettled:
		t.Settled++
		t.SharesSettled += e.Quantity
	case *LimitBreached:
		t.Breaches++
		a.breaches.add(e)
	}
}

func (t *Totals) close(e *OrderClosed) {
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

// tape keeps the latest of what is added to it. It is cut when it is twice too long.
type tape[T any] struct {
	size  int
	items []T
}

func (t *tape[T]) add(item T) {
	t.items = append(t.items, item)
	if len(t.items) > 2*t.size {
		t.items = append(t.items[:0], t.latest()...)
	}
}

func (t *tape[T]) latest() []T { return t.items[max(0, len(t.items)-t.size):] }
