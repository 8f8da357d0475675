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

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

const usage = `outbox stores orders in a SQLite database, each in one transaction with the event that
says so, and relays these events to an organ that confirms the orders.

  go run . --db shop.db 12.50 8      place two orders, and confirm whatever is not confirmed yet
  go run . --db shop.db              the second half only: what a crash has left behind

With --redis URL, or NECRO_REDIS_URL, the events go to Redis, else through memory. What is relayed
there and not yet handled is lost with the process: memory is for a first look.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := command(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "outbox:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("outbox", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage); flags.PrintDefaults() }
	path := flags.String("db", "shop.db", "`file` of the database")
	url := flags.String("redis", os.Getenv(redisstream.EnvURL), "`URL` of a redis server")
	if err := flags.Parse(args); err != nil {
		return err
	}
	amounts, err := parseAmounts(flags.Args())
	if err != nil {
		return err
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
