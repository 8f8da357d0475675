package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

const usage = `orderbook runs an exchange on orders from files or from a prompt: it validates, matches,
settles, and tells what became of them.

usage: orderbook [flags] [file…]

A file holds orders as CSV with a header, as a JSON array or as one JSON object a line;
- is standard input. Without files the sample orders are run. The columns are

  trader_id   who orders
  symbol      what: AAPL
  side        BUY or SELL
  order_type  LIMIT, MARKET, or CANCEL, which takes the order named order_id back
  quantity    how many
  price       150.25; empty for market orders
  order_id    a number, for cancels; optional, by default the number of the record

A line that is wrong is reported, and the rest goes on.

With --interactive orders are typed: BUY 100 AAPL @ 150.50, SELL 50 TSLA MKT, CANCEL 1; help lists
all commands. The same commands are read from a pipe.

With --redis all events wait in Redis, and the books are kept there: they outlive the run, also one
that is killed. The next run finishes what that one left, and goes on with the books; an order
without an order_id gets the next free one. Positions and totals are those of one run. One run at
a time.

examples:
  orderbook                                   the sample orders
  orderbook orders.csv more.json              orders from files, in this order
  orderbook --failures 0.5 --log-level warn   with a clearing house that often fails
  orderbook --audit trail.jsonl orders.csv    every event as a line of JSON
  orderbook --stress 1000000                  a million random orders, as fast as possible
  orderbook --interactive                     orders from the keyboard
  orderbook --redis redis://localhost:6379/0  with the events and the books in Redis

exit codes: 0 done; 1 done, but a line was wrong or an order was lost; 2 could not run;
130 interrupted: what had been taken in was finished.

flags:
`

// options are what the command line says.
type options struct {
	files       []string
	stress      uint64
	interactive bool
	trader      string
	seed        uint64
	latency     time.Duration
	failures    float64
	maxValue    Price
	limit       int64
	suspended   []string
	depth       int
	trades      int
	audit       string
	redis       string
	lease       time.Duration
	log         *slog.Logger
}

// parseOptions reads the command line. It has written a mistake, or the help, already.
func parseOptions(args []string, stdout, stderr io.Writer) (*options, error) {
	o := &options{maxValue: 10_000_000 * priceUnit}
	flags := flag.NewFlagSet("orderbook", flag.ContinueOnError)
	format, level := o.defineFlags(flags)
	var err error
	o.files, err = cli.ParseOrHelp(flags, args, usage, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil, err
	}
	if err == nil {
		o.log, err = cli.Logger(stderr, *format, *level)
		err = errors.Join(err, o.checkValues())
	}
	if err != nil {
		cli.Misuse(stderr, "orderbook", err)
		return nil, err
	}
	if o.stress > 0 {
		o.setFast(givenFlags(flags))
	}
	return o, nil
}

// defineFlags declares the flags.
func (o *options) defineFlags(flags *flag.FlagSet) (format, level *string) {
	flags.Uint64Var(&o.stress, "stress", 0, "run this many random `orders` instead of files")
	flags.BoolVar(&o.interactive, "interactive", false, "take orders from a prompt, or commands from standard input")
	flags.StringVar(&o.trader, "trader", "you", "`name` under which orders are given at the prompt")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of all that is random")
	flags.DurationVar(&o.latency, "latency", 5*time.Millisecond, "longest answer of the clearing house; 0 under --stress")
	flags.Float64Var(&o.failures, "failures", 0.2, "share of the calls to the clearing house that fail; 0 under --stress")
	flags.Int64Var(&o.limit, "limit", 100_000, "position in `shares` beyond which risk speaks up")
	flags.IntVar(&o.depth, "depth", 10, "price levels to show on each side; -1 for all")
	flags.IntVar(&o.trades, "trades", 20, "latest trades to show, and rejected orders, and breached limits")
	flags.StringVar(&o.audit, "audit", "", "write every event as a line of JSON to this `file`")
	cli.RedisFlag(flags, &o.redis)
	flags.DurationVar(&o.lease, "lease", 30*time.Second, "with --redis: after this time what a killed run had in hand is taken over")
	flags.Func("max-value", "refuse orders worth more than this `amount` (default 10000000.00)", func(s string) (err error) {
		o.maxValue, err = ParsePrice(s)
		return err
	})
	flags.Func("suspend", "refuse orders for these `symbols`, separated by commas", func(s string) error {
		o.suspended = append(o.suspended, strings.Split(strings.ToUpper(s), ",")...)
		return nil
	})
	return flags.String("log-format", "text", "how to log: text or json"),
		flags.String("log-level", "error", "what to log: debug, info, warn (with retries) or error")
}

func (o *options) checkValues() error {
	var errs []error
	if o.stress > 0 && len(o.files) > 0 {
		errs = append(errs, errors.New("--stress takes no files"))
	}
	if o.interactive && (o.stress > 0 || len(o.files) > 0) {
		errs = append(errs, errors.New("--interactive takes neither files nor --stress"))
	}
	if o.failures < 0 || o.failures > 1 {
		errs = append(errs, fmt.Errorf("--failures %g: need a share from 0 to 1", o.failures))
	}
	if o.latency < 0 || o.lease < 0 || o.limit < 0 || o.trades < 0 {
		errs = append(errs, errors.New("--latency, --lease, --limit and --trades are not negative"))
	}
	return errors.Join(errs...)
}

// givenFlags returns the names of the flags that stand on the command line.
func givenFlags(flags *flag.FlagSet) map[string]bool {
	names := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
}

// setFast takes the waiting out of a stress run, and shortens its report, where nothing else was
// asked for.
func (o *options) setFast(given map[string]bool) {
	if !given["latency"] {
		o.latency = 0
	}
	if !given["failures"] {
		o.failures = 0
	}
	if !given["trades"] {
		o.trades = 5
	}
	if !given["depth"] {
		o.depth = 3
	}
}
