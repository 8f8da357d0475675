package necrotest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Charged is what the organs of these tests emit.
//
//necro:event
type Charged struct {
	ID    string `msgpack:"id"`
	Stamp string `msgpack:"stamp"`
}

// Gateway is outside of the topology. It takes a key once.
type Gateway struct {
	Keys    map[necro.ID]bool
	Charges int
}

// Cashier charges under the delivery id, as it should be done. It refuses some for good, and
// needs three attempts for others.
//
//necro:organ necrotest.cashier retry=3
type Cashier struct{ gateway *Gateway }

// Charge charges.
//
//necro:handle
func (c *Cashier) Charge(ctx context.Context, p *Placed) (*Charged, error) {
	meta, _ := necro.MetaFrom(ctx)
	switch {
	case p.Amount == 13:
		return nil, necro.Permanent(errors.New("unlucky"))
	case p.Amount == 14 || p.Amount == 15 && meta.Attempt < 3:
		return nil, errors.New("not now")
	case !c.gateway.Keys[meta.DeliveryID]:
		c.gateway.Keys[meta.DeliveryID] = true
		c.gateway.Charges++
	}
	return &Charged{ID: p.ID}, nil
}

// Ledger keeps in memory what was charged. What it does with an event that comes again is up
// to remembers.
//
//necro:organ necrotest.ledger exclusive
type Ledger struct {
	remembers func(seen []necro.ID, id necro.ID) bool
	seen      []necro.ID
	entries   []string
}

// Enter makes an entry.
//
//necro:handle
func (l *Ledger) Enter(ctx context.Context, c *Charged) {
	meta, _ := necro.MetaFrom(ctx)
	if l.remembers(l.seen, meta.ID) {
		return
	}
	l.seen = append(l.seen, meta.ID)
	l.entries = append(l.entries, c.ID)
}

// Clerk does what a handler must not: how stamps what it emits, be it with the time, and may
// do something else meanwhile.
//
//necro:organ necrotest.clerk
type Clerk struct {
	stamp func(ctx context.Context, p *Placed) string
}

// Stamp stamps an order.
//
//necro:handle
func (c *Clerk) Stamp(ctx context.Context, p *Placed) *Charged {
	return &Charged{ID: p.ID, Stamp: c.stamp(ctx, p)}
}

func clock(context.Context, *Placed) string { return time.Now().Format(time.StampMilli) }

func dice(context.Context, *Placed) string { return fmt.Sprint(rand.Uint64()) }

func mapOrder(context.Context, *Placed) (all string) {
	for letter := range map[rune]bool{'a': true, 'b': true, 'c': true, 'd': true, 'e': true} {
		all += string(letter)
	}
	return all
}

// counting stamps with the number of the order, which it knows in memory.
func counting(remembers bool) func(context.Context, *Placed) string {
	calls, stamps := 0, map[necro.ID]string{}
	return func(ctx context.Context, _ *Placed) string {
		meta, _ := necro.MetaFrom(ctx)
		if stamps[meta.ID] == "" || !remembers {
			calls++
			stamps[meta.ID] = fmt.Sprint(calls)
		}
		return stamps[meta.ID]
	}
}

// journalled is counting with a journal that outlives the program.
func journalled(stamps map[necro.ID]string) func(context.Context, *Placed) string {
	return func(ctx context.Context, _ *Placed) string {
		meta, _ := necro.MetaFrom(ctx)
		if stamps[meta.ID] == "" {
			stamps[meta.ID] = fmt.Sprint(len(stamps) + 1)
		}
		return stamps[meta.ID]
	}
}

// slow takes longer than a third of a lease.
func slow(ctx context.Context, _ *Placed) string {
	time.Sleep(25 * time.Second)
	return ""
}
