package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// showTrades shows the latest trades. It waits for those that are under way.
func (c *console) showTrades(ctx context.Context, _ string) error {
	c.awaitRest(ctx)
	trades, all := c.x.audit.Trades()
	if len(trades) == 0 {
		return errors.New("there are no trades yet")
	}
	writeTrades(c.out, trades, all)
	return nil
}

// awaitRest waits a moment for the deliveries that are under way.
func (c *console) awaitRest(ctx context.Context) {
	for end := time.Now().Add(restTime); underWay(ctx, c.x.backend) > 0 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
}

// showStats tells the work done, after the orders that are under way, so that in a quiet hour none of them is counted as lost.
func (c *console) showStats(ctx context.Context, _ string) error {
	c.awaitRest(ctx)
	s := c.x.summarize(ctx, time.Since(c.since))
	if n := underWay(ctx, c.x.backend); n > 0 {
		fmt.Fprintf(c.out, "%s deliveries are under way\n", cli.Count(n))
	}
	w := bufio.NewWriter(c.out)
	s.writeStatistics(w, false)
	return w.Flush()
}

// restTime is how long a command that shows results waits for the exchange to come to rest.
var restTime = time.Second

func (c *console) showDead(ctx context.Context, _ string) error {
	letters, all, err := c.x.unsettledLetters(ctx)
	if err != nil {
		return err
	}
	if all == 0 {
		fmt.Fprintln(c.out, "no dead letters")
		return nil
	}
	writeUnsettled(c.out, letters, all)
	return nil
}

// redriveSettlement hands the dead letters of settlement to the clearing house again.
func (c *console) redriveSettlement(ctx context.Context, _ string) error {
	letters, err := c.x.backend.DeadLetters(ctx, "settlement", necro.ID{}, contract.DefaultDeadLetters)
	if err != nil {
		return err
	}
	ids := make([]necro.ID, len(letters))
	for i := range letters {
		ids[i] = letters[i].ID
	}
	n, err := c.x.backend.Redrive(ctx, "settlement", ids...)
	fmt.Fprintf(c.out, "trades that go to the clearing house again: %s\n", cli.Count(n))
	return err
}
