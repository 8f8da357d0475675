// Command orderbook runs an exchange on orders from files. See README.md for its topology.
package main

import (
	"cmp"
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
	"github.com/necrostack/necrogen/examples/internal/trail"
	"github.com/necrostack/necrogen/telemetry/logs"
)

//go:generate go tool necrogen

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(runProgram(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// runProgram is main with its surroundings as arguments; it returns the exit code.
func runProgram(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	screen := cli.NewScreen(stderr) // log lines go above the progress bar, or the prompt
	o, err := parseOptions(args, stdout, screen)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return cli.ExitDone
	case err != nil:
		return cli.ExitUsage
	}
	defer logs.Flush(o.log)
	code, err := exchangeOrders(ctx, o, stdin, screen.Above(stdout), screen)
	if err != nil {
		fmt.Fprintf(screen, "orderbook: %v\n", err)
		code = cmp.Or(code, cli.ExitWrong)
	}
	return code
}

// exchangeOrders runs an exchange until all orders are worked off, and prints the summary.
func exchangeOrders(ctx context.Context, o *options, stdin io.Reader, stdout io.Writer, screen *cli.Screen) (code int, err error) {
	sources, err := openInputs(ctx, o.files, stdin)
	if err != nil {
		return cli.ExitUsage, err
	}
	out, closeAll, err := openOutside(ctx, o)
	if err != nil {
		return cli.ExitUsage, err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	if err := finishEarlier(ctx, o, out, screen); err != nil {
		return cli.ExitWrong, err
	}
	x, err := newExchange(ctx, o, out)
	if err != nil {
		return cli.ExitUsage, err
	}
	start := time.Now()
	bad, err := x.runExchange(ctx, o, x.chooseFeeder(o, sources, stdin, stdout, screen), screen)
	interrupted := ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
	if interrupted {
		err = errors.New("interrupted: what had been taken in was finished")
	}
	whole, reportErr := x.writeReport(context.WithoutCancel(ctx), o, time.Since(start), stdout)
	err = errors.Join(err, reportErr)
	switch {
	case interrupted:
		return cli.ExitInterrupted, err
	case err != nil || !whole || bad > 0:
		return cli.ExitWrong, err
	}
	return cli.ExitDone, nil
}

// openOutside opens what the exchange works with: the trail, the backend and the journal.
func openOutside(ctx context.Context, o *options) (out outside, closeAll func() error, err error) {
	out.house = &SimulatedHouse{Seed: o.seed, Latency: o.latency, Failures: o.failures}
	events, closeTrail, err := trail.Create(o.audit)
	if err != nil {
		return out, nil, err
	}
	out.trail = events
	if out.backend, err = cli.Open(ctx, o.redis, "orderbook", o.log, memory.New()); err != nil {
		return out, nil, err
	}
	client, err := cli.Client(o.redis)
	if client == nil {
		return out, func() error { return errors.Join(closeTrail(), out.backend.Close()) }, err
	}
	out.journal = &redisJournal{client}
	return out, func() error { return errors.Join(closeTrail(), out.backend.Close(), client.Close()) }, nil
}
