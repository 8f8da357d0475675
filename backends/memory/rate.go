package memory

import (
	"context"
	"maps"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TakeTokens takes tokens of an organ. What is known of organs whose tokens are all there again is forgotten. The
// backend's mutex guards the table, which has an entry only for organs with spent tokens; one number for each is the
// whole state, since [contract.Rate.Spend] does the arithmetic.
func (b *Backend) TakeTokens(_ context.Context, organ string, r contract.Rate, n int) (taken int, wait time.Duration, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.routing.Load().closed {
		return 0, 0, contract.ErrClosed
	}
	now := b.clock().UnixNano()
	maps.DeleteFunc(b.spent, func(_ string, spent int64) bool { return spent <= now })
	taken, b.spent[organ], wait = r.Spend(b.spent[organ], now, n)
	return taken, wait, nil
}
