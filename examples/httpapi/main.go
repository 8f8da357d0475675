// Command httpapi takes payments over HTTP: it answers at once with the id of the event that
// it published, and an organ does the work.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/telemetry/logs"
)

//go:generate go tool necrogen

const usage = `httpapi takes payments over HTTP and books them.

usage: httpapi [flags]

examples:
  httpapi --addr localhost:8080
  httpapi --redis redis://localhost:6379/0
  curl -i localhost:8080/payments -H 'Idempotency-Key: order-17' -d '{"account": "ada", "cents": 4200}'
  curl -i localhost:8080/accounts/ada

A payment that is sent again with its Idempotency-Key within 24 hours is booked once. Answers:
202 published, 400 not a payment, 413 too large, 422 breaks the rules, 503 send it again.

With --redis payments and balances are in Redis, and outlive this program. Of several that run, one books
and all know the balances.

exit codes: 0 stopped by Ctrl-C, with all payments booked or in Redis; 1 failed; 2 could not start.

flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(runProgram(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// runProgram is main with its surroundings as arguments; it returns the exit code.
func runProgram(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("httpapi", flag.ContinueOnError)
	addr := flags.String("addr", "localhost:8080", "`address` to listen on")
	limit := flags.Int("limit", 65536, "refuse `payments` while so many wait in memory")
	var url string
	cli.RedisFlag(flags, &url)
	format := flags.String("log-format", "text", "how to log: text or json")
	level := flags.String("log-level", "info", "what to log: debug (with every payment), info, warn or error")
	others, err := cli.ParseOrHelp(flags, args, usage, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return cli.ExitDone
	}
	if err == nil && len(others) > 0 {
		err = fmt.Errorf("unexpected argument %q", others[0])
	}
	log, logErr := cli.Logger(stderr, *format, *level)
	if err = errors.Join(err, logErr); err != nil {
		cli.Misuse(stderr, "httpapi", err)
		return cli.ExitUsage
	}
	defer logs.Flush(log)
	backend, err := cli.Open(ctx, url, "httpapi", log, memory.New(memory.WithLimit(*limit), memory.FailWhenFull()))
	if err != nil {
		return reportFailure(stderr, cli.ExitUsage, err)
	}
	defer backend.Close()
	s, err := newService(ctx, backend, log)
	if err != nil {
		return reportFailure(stderr, cli.ExitUsage, err)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return reportFailure(stderr, cli.ExitUsage, err)
	}
	log.Info("listening", "address", l.Addr().String())
	if err := s.serveRequests(ctx, l); err != nil {
		return reportFailure(stderr, cli.ExitWrong, err)
	}
	stats := s.worker.Stats()
	log.Info("stopped", "booked", stats.Handled, "dead_letters", stats.Dead)
	return cli.ExitDone
}

func reportFailure(stderr io.Writer, code int, err error) int {
	fmt.Fprintf(stderr, "httpapi: %v\n", err)
	return code
}
