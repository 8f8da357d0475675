package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
)

// console takes orders at a prompt. The exchange runs meanwhile.
type console struct {
	x      *exchange
	o      *options
	out    io.Writer
	trader string
	id     uint64 // of the latest order
	since  time.Time
}

// readCommands returns the feeder that reads commands.
func (c *console) readCommands(stdin io.Reader, screen *cli.Screen) feeder {
	shell := &cli.Shell{Prompt: "orderbook> ", Commands: c.listCommands()}
	return func(ctx context.Context) (int, error) {
		c.since = time.Now()
		if cli.IsTerminal(stdin) {
			fmt.Fprintln(screen, "The exchange is open: BUY 100 AAPL @ 150.50, SELL 50 TSLA MKT; help lists all, quit leaves.")
		}
		wrong, err := shell.Run(ctx, stdin, screen)
		if cli.IsTerminal(stdin) {
			wrong = 0 // the user who types has seen the mistake
		}
		return wrong, err
	}
}

func (c *console) listCommands() []cli.Command {
	return []cli.Command{
		{Name: "BUY", Args: "100 AAPL @ 150.50", Help: "buy at this price or better; what is left waits in the book", Run: c.orderCommand(Buy)},
		{Name: "SELL", Args: "50 TSLA MKT", Help: "sell at any price; what is left is cancelled", Run: c.orderCommand(Sell)},
		{Name: "CANCEL", Args: "ID", Help: "take an open order back", Run: c.cancelOrder},
		{Name: "as", Args: "NAME", Help: "go on as another trader", Run: c.switchTrader},
		{Name: "book", Args: "[SYMBOL]", Help: "show the book of a symbol, or all of them", Run: c.showBook},
		{Name: "trades", Help: "show the latest trades", Run: c.showTrades},
		{Name: "stats", Help: "show what was done so far", Run: c.showStats},
		{Name: "dead", Help: "show the trades that could not be settled", Run: c.showDead},
		{Name: "redrive", Help: "have these settled again", Run: c.redriveSettlement},
	}
}

// orderCommand returns the command for orders of one side.
func (c *console) orderCommand(side Side) func(context.Context, string) error {
	return func(ctx context.Context, rest string) error {
		o, err := parseOrder(side, rest)
		if err != nil {
			return err
		}
		o.OrderID, o.TraderID = c.id+1, c.trader
		e := &OrderSubmitted{o}
		if err := e.Validate(); err != nil {
			return err
		}
		c.id++
		return c.publishAndFollow(ctx, e, o.OrderID)
	}
}

// cancelOrder takes back an open order of any trader, because this is the house's own console.
func (c *console) cancelOrder(ctx context.Context, rest string) error {
	id, err := parseID(rest)
	if err != nil {
		return err
	}
	o, _, open := c.x.matching.Find(id)
	if !open {
		return fmt.Errorf("order %d is not open", id)
	}
	return c.publishAndFollow(ctx, &CancelRequested{Cancel{OrderID: id, TraderID: o.TraderID, Symbol: o.Symbol}}, id)
}

// publishAndFollow publishes an order or a cancel, and tells what became of the order.
func (c *console) publishAndFollow(ctx context.Context, e necro.Event, id uint64) error {
	ends := c.x.audit.Follow(id)
	defer c.x.audit.Unfollow(id)
	if err := c.x.publishEvents(ctx, e); err != nil {
		return err
	}
	_, cancels := e.(*CancelRequested)
	late, look := time.After(answerTime), time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		select {
		case end := <-ends:
			fmt.Fprintf(c.out, "order %d: %s\n", id, end)
			return nil
		case <-look.C:
			if o, left, open := c.x.matching.Find(id); open && !cancels {
				fmt.Fprintf(c.out, "order %d: %s\n", id, describeResting(&o, left))
				return nil
			}
		case <-late:
			return fmt.Errorf("order %d is under way, there is no answer yet", id)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// answerTime is how long the prompt waits for what becomes of an order.
var answerTime = 5 * time.Second

func (c *console) switchTrader(_ context.Context, rest string) error {
	if len(strings.Fields(rest)) != 1 || len(rest) > 32 {
		return errors.New("a trader has one name of at most 32 letters: as alice")
	}
	c.trader = rest
	return nil
}

func (c *console) showBook(_ context.Context, rest string) error {
	symbol := strings.ToUpper(rest)
	shown := 0
	for _, s := range c.x.matching.Snapshots(c.o.depth) {
		if symbol == "" || s.Symbol == symbol {
			writeBook(c.out, s)
			shown++
		}
	}
	switch {
	case shown > 0:
		return nil
	case symbol == "":
		return errors.New("there are no books yet: an order opens one")
	}
	return fmt.Errorf("there is no book for %s yet: an order opens it", symbol)
}
