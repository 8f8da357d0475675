// Command outbox places orders in a database, each with a row in an outbox, and relays those
// rows as events. docs/outbox.md tells why, and what a crash does to it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

const usage = `outbox stores orders in a SQLite database, each in one transaction with the event that
says so, and relays these events to an organ that confirms the orders.

  go run . --db shop.db 12.50 8      place two orders, and confirm whatever is not confirmed yet
  go run . --db shop.db              the second half only: what a crash has left behind

With --redis URL, or NECRO_REDIS_URL, the events go to Redis, else through memory, which is for a
first look: what is relayed to memory and not yet handled is lost with the process.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := runCommand(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(exitCode(os.Stderr, err))
}

// exitCode tells an error: 2 is one of the arguments, 1 another.
func exitCode(stderr io.Writer, err error) int {
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(*usageError)):
		fmt.Fprintf(stderr, "outbox: %v\ntry outbox --help\n", err)
		return 2
	}
	fmt.Fprintln(stderr, "outbox:", err)
	return 1
}

// usageError is a mistake in the arguments.
type usageError struct{ error }

func runCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("outbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	path := flags.String("db", "shop.db", "`file` of the database")
	url := flags.String("redis", os.Getenv(redisstream.EnvURL), "`URL` of a redis server")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil
	}
	if err != nil {
		return &usageError{err}
	}
	amounts, err := parseAmounts(flags.Args())
	if err != nil {
		return &usageError{err}
	}
	db, err := openDatabase(ctx, *path)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, cents := range amounts {
		id := necro.NewID().String()
		if err := placeOrder(ctx, db, id[:8], cents); err != nil {
			return err
		}
	}
	backend, err := openBackend(*url)
	if err != nil {
		return err
	}
	defer backend.Close()
	spine, err := necro.New(backend, necro.WithOrgans(&Letters{out}))
	if err != nil {
		return err
	}
	return confirmAll(ctx, newRelay(db, spine), out)
}
