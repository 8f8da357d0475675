package main

import (
	"context"
	"errors"
	"sync"

	"github.com/necrostack/necrogen/examples/internal/once"
	necro "github.com/necrostack/necrogen/runtime"
)

// PaymentRequested is a payment into an account. It is what clients post, too.
//
//necro:event PAYMENT_REQUESTED key=Account
type PaymentRequested struct {
	Account string `msgpack:"account" json:"account" validate:"required,max=64"`
	Cents   int64  `msgpack:"cents" json:"cents" validate:"gt=0,lte=100000000"`
	Email   string `msgpack:"email,omitempty" json:"email" validate:"omitempty,email"`
}

// remembered is for how many payments at least the ledger knows that it booked them.
const remembered = 1024

// Ledger adds payments up. It keeps the sums in memory, so one process at a time runs it,
// and it books a payment once, however often that is delivered.
//
//necro:organ ledger exclusive
type Ledger struct {
	mu       sync.Mutex
	balances map[string]int64
	booked   *once.Memo[struct{}]
}

// NewLedger returns a ledger without accounts.
func NewLedger() *Ledger {
	return &Ledger{balances: map[string]int64{}, booked: once.New[struct{}](remembered)}
}

// Book books a payment.
//
//necro:handle
func (l *Ledger) Book(ctx context.Context, p *PaymentRequested) error {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return errors.New("not called by a spine")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.booked.Do(meta.ID, func() (none struct{}) {
		l.balances[p.Account] += p.Cents
		return none
	})
	return nil
}

// Balance returns what an account holds, in cents.
func (l *Ledger) Balance(account string) (cents int64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	cents, ok = l.balances[account]
	return cents, ok
}
