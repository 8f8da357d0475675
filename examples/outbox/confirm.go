package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

// confirmAll relays until the outbox is empty, lets the organ work, and cleans up. A service
// would call relay.run and spine.Run instead, each in a goroutine.
func confirmAll(ctx context.Context, r *relay, out io.Writer) error {
	relayed := 0
	for {
		n, err := r.relayBatch(ctx)
		relayed += n
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	stats, err := r.spine.Drain(ctx)
	if err != nil {
		return err
	}
	cleaned, err := r.cleanSent(ctx, r.now().Add(-time.Hour).UnixMilli())
	if err != nil {
		return err
	}
	fmt.Fprintln(out, relayed, "relayed,", stats.Handled, "confirmed,", cleaned, "old rows deleted")
	return nil
}

func openBackend(url string) (necro.Backend, error) {
	if url == "" {
		return memory.New(), nil
	}
	return redisstream.Open(url)
}

// parseAmounts reads amounts as people write them: 12.50 is 1250 cents.
func parseAmounts(args []string) (cents []int, err error) {
	for _, arg := range args {
		amount, err := strconv.ParseFloat(arg, 64)
		if err != nil || !(amount > 0 && amount <= 1e9) { // NaN, too
			return nil, fmt.Errorf("%q is no amount: write it as in 12.50", arg)
		}
		cents = append(cents, int(math.Round(amount*100)))
	}
	return cents, nil
}
