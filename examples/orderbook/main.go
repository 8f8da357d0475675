// Command orderbook runs an exchange on orders from files. See README.md for its topology.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/examples/internal/cli"
)

//go:generate go tool necrogen

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program; it returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	stderr = cli.NewScreen(stderr) // log lines go above the progress bar
	o, err := parse(args, stdout, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return cli.ExitDone
	case err != nil:
		return cli.ExitUsage
	}
	code, err := exchangeOrders(ctx, o, stdin, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "orderbook: %v\n", err)
	}
	return code
}

// exchangeOrders runs an exchange until all orders are worked off, and tells what it did.
func exchangeOrders(ctx context.Context, o *options, stdin io.Reader, stdout, stderr io.Writer) (code int, err error) {
	sources, err := open(ctx, o.files, stdin)
	if err != nil {
		return cli.ExitUsage, err
	}
	trail, closeTrail, err := create(o.audit)
	if err != nil {
		return cli.ExitUsage, err
	}
	backend, err := cli.Open(ctx, o.redis, "orderbook", o.log, memory.New())
	if err != nil {
		return cli.ExitUsage, err
	}
	defer backend.Close()
	house := &SimulatedHouse{Seed: o.seed, Latency: o.latency, Failures: o.failures}
	if err := finishEarlier(ctx, o, backend, house, stderr); err != nil {
		return cli.ExitWrong, err
	}
	x, err := newExchange(o, backend, house, trail)
	if err != nil {
		return cli.ExitUsage, err
	}
	start := time.Now()
	bad, err := x.trade(ctx, o, sources, stderr)
	interrupted := ctx.Err() != nil && errors.Is(err, ctx.Err())
	if interrupted {
		err = errors.New("interrupted: what had been taken in was finished")
	}
	whole, reportErr := x.report(context.WithoutCancel(ctx), o, time.Since(start), stdout)
	err = errors.Join(err, closeTrail(), reportErr)
	switch {
	case interrupted:
		return cli.ExitInterrupted, err
	case err != nil || !whole || bad > 0:
		return cli.ExitWrong, err
	}
	return cli.ExitDone, nil
}

// create opens the audit trail; without a name there is none.
func create(name string) (trail io.Writer, finish func() error, err error) {
	if name == "" {
		return nil, func() error { return nil }, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, nil, cli.FileError(name, err)
	}
	w := bufio.NewWriter(f)
	return w, func() error { return errors.Join(w.Flush(), f.Close()) }, nil
}
