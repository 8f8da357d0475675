package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/necrostack/necrogen/examples/fulfilment/shop"
)

// bank is the bank of the shop behind a switch. While it is up, an answer that was lost is given at the next call, so that a good day has
// no dead letters.
type bank struct {
	*shop.Bank
	isDown atomic.Bool
	calls  atomic.Int64 // that failed
	lost   sync.Map     // true, by the keys of charges whose answer was lost once
}

// failure is what a bank answers that is down.
func (b *bank) failure(call, key string) error {
	return fmt.Errorf("bank: %s %s: 503 Service Unavailable, request %08x", call, key, b.calls.Add(1))
}

// Charge is that of the bank, unless that is down.
func (b *bank) Charge(ctx context.Context, key string, cents int) error {
	if b.isDown.Load() {
		return b.failure("charge", key)
	}
	err := b.Bank.Charge(ctx, key, cents)
	if !errors.Is(err, shop.ErrLost) {
		return err
	}
	if _, again := b.lost.LoadOrStore(key, true); again {
		b.lost.Delete(key)
		return nil
	}
	return err
}

// Refund is that of the bank, unless that is down.
func (b *bank) Refund(ctx context.Context, key string) error {
	if b.isDown.Load() {
		return b.failure("refund", key)
	}
	return b.Bank.Refund(ctx, key)
}
