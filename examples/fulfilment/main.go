// Command fulfilment brings orders to one of two ends: shipped and paid, or cancelled, released and refunded. README.md tells
// how, and what went wrong where it was written by hand.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/necrostack/necrogen/backends/all"
	"github.com/necrostack/necrogen/examples/fulfilment/shop"
	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
)

const usage = `fulfilment places orders, runs until all have ended, and counts them from outside of the saga.

  go run . --orders 100
  go run . --backend sqlite:shop.db --bank shop.bank     kill it, and start it again: it goes on

It exits with 1 when money or stock do not add up.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := runCommand(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(os.Stderr, err))
}

// exitCode tells an error: 2 is one of the arguments, 1 another.
func exitCode(stderr io.Writer, err error) int {
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(*usageError)):
		cli.Misuse(stderr, "fulfilment", err)
		return 2
	}
	fmt.Fprintln(stderr, "fulfilment:", err)
	return 1
}

// usageError is a mistake in the arguments.
type usageError struct{ error }

// options are the flags.
type options struct {
	orders, stock int
	backend, bank string
	patience      time.Duration
	lease         time.Duration
	verbose       bool
}

// parseOptions reads the arguments.
func parseOptions(args []string, out io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("fulfilment", flag.ContinueOnError)
	flags.IntVar(&o.orders, "orders", 50, "`number` of orders to place")
	flags.IntVar(&o.stock, "stock", 25, "`number` of each item that the warehouse begins with")
	flags.StringVar(&o.backend, "backend", "memory", "`URL` of the backend: memory, sqlite:FILE, postgres://…, redis://…")
	flags.StringVar(&o.bank, "bank", "", "`file` for the books of the simulated bank, which have to outlive the process where the backend does")
	flags.DurationVar(&o.patience, "patience", 2*time.Second, "how long an order waits for the answers to one step")
	flags.DurationVar(&o.lease, "lease", 5*time.Second, "how long the work of a process that was killed waits for the next one")
	flags.BoolVar(&o.verbose, "verbose", false, "log to standard error")
	others, err := cli.ParseOrHelp(flags, args, usage, out)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil, err
	case err != nil:
		return nil, &usageError{err}
	case len(others) > 0:
		return nil, &usageError{fmt.Errorf("%q is no flag", others[0])}
	case o.orders < 0 || o.stock < 0 || o.patience <= 0:
		return nil, &usageError{errors.New("--orders and --stock are at least 0, and --patience is more")}
	case o.bank == "" && o.backend != "memory" && o.backend != "memory:":
		return nil, &usageError{errors.New("this backend outlives the process, so its bank has to: say --bank FILE")}
	}
	return o, nil
}

func runCommand(ctx context.Context, args []string, out, stderr io.Writer) error {
	o, err := parseOptions(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	var log *slog.Logger
	if o.verbose {
		log = slog.New(slog.NewTextHandler(stderr, nil))
	}
	backend, err := all.Open(ctx, o.backend, all.WithLogger(log))
	if err != nil {
		return err
	}
	defer backend.Close()
	bank, err := shop.NewBank(o.bank, 2*o.patience)
	if err != nil {
		return err
	}
	defer bank.Close()
	c, err := fulfil(ctx, backend, bank, log, o)
	if err != nil {
		return err
	}
	c.Print(out)
	return c.Check()
}

// fulfil places the orders and works until all have ended, and what they have turned back is done.
func fulfil(ctx context.Context, backend necro.Backend, bank *shop.Bank, log *slog.Logger, o *options) (*shop.Count, error) {
	spine, err := necro.New(backend, necro.WithOrgans(shop.Organs(bank, o.stock, o.patience)...), necro.WithLease(o.lease), necro.WithLogger(log))
	if err != nil {
		return nil, err
	}
	for n := range o.orders {
		if err := spine.Publish(ctx, shop.OrderNumber(n)); err != nil {
			return nil, fmt.Errorf("place order %d: %w", n, err)
		}
	}
	for {
		// A drain does not wait for timers of the future, which end the orders that hear nothing.
		if _, err := spine.Drain(ctx); err != nil {
			return nil, err
		}
		c, err := shop.CountOrders(ctx, spine, bank, o.stock)
		if err != nil || c.Ended(o.orders) {
			return c, err
		}
		select {
		case <-time.After(o.patience / 10):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
