package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/runtime/contract"
)

const usage = `etl reads measurements of penguins from a CSV file, takes out what can't be counted, sums up the
rest by species, island and sex, writes that to a CSV file, and shows it.

usage: etl [flags]

The file has a header that names these columns, in any order; others are not looked at.

  species, island     text
  beak_length_mm, beak_depth_mm, flipper_length_mm, body_mass_g
                      numbers such as 39.1
  sex                 MALE or FEMALE

A row with a gap (NA, a point, or nothing) is left out, and counted with its reason. A row with a
mistake is left out, too, and reported with its line and how to mend it.

With --redis the events wait in Redis, and what was counted is noted in a journal beside the
output. When a run was killed, the same command goes on where it ended. One run at a time.

examples:
  etl                                          344 penguins of the Palmer Archipelago
  etl --input birds.csv --output birds-summary.csv
  etl --stress 5000000                         a generated file of 5 million rows, in bounded memory
  etl --redis redis://localhost:6379/0         with the events in Redis

exit codes: 0 done; 1 done, but a row has a mistake, or not all could be counted; 2 could not
run; 130 interrupted: what had been taken in was finished.

flags:
`

// options are what the command line says.
type options struct {
	input  string
	output string
	stress int
	seed   uint64
	chunk  int64
	window int
	lease  time.Duration
	redis  string
	log    *slog.Logger
}

// parseOptions reads the command line. It has written a mistake, or the help, already.
func parseOptions(args []string, stdout, stderr io.Writer) (*options, error) {
	o := new(options)
	flags := flag.NewFlagSet("etl", flag.ContinueOnError)
	format, level := o.defineFlags(flags)
	others, err := cli.ParseOrHelp(flags, args, usage, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil, err
	}
	if err == nil {
		o.log, err = cli.Logger(stderr, *format, *level)
		err = errors.Join(err, o.checkValues(others))
	}
	if err != nil {
		cli.Misuse(stderr, "etl", err)
	}
	return o, err
}

// defineFlags declares the flags.
func (o *options) defineFlags(flags *flag.FlagSet) (format, level *string) {
	flags.StringVar(&o.input, "input", "", "read this `file` instead of the penguins")
	flags.StringVar(&o.output, "output", "summary.csv", "write the result to this `file`")
	flags.IntVar(&o.stress, "stress", 0, "read a generated file of this many `rows`")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of what is generated")
	flags.Int64Var(&o.chunk, "chunk", 64<<10, "divide the file into chunks of this many `bytes`")
	flags.IntVar(&o.window, "window", 64, "`deliveries` that wait at most before the next chunk is published")
	flags.DurationVar(&o.lease, "lease", contract.DefaultLease, "how `long` Redis waits for a run that was killed")
	cli.RedisFlag(flags, &o.redis)
	return flags.String("log-format", "text", "how to log: text or json"),
		flags.String("log-level", "warn", "what to log: debug, info, warn (with retries) or error")
}

// maxChunk keeps what one chunk emits far within what a handler may emit.
const maxChunk = 1 << 20

func (o *options) checkValues(others []string) error {
	var errs []error
	if len(others) > 0 {
		errs = append(errs, fmt.Errorf("unexpected argument %q: a file is named with --input", others[0]))
	}
	if o.stress > 0 && o.input != "" {
		errs = append(errs, errors.New("--stress generates its own file: leave out --input"))
	}
	if o.stress < 0 || o.window < 1 || o.lease <= 0 {
		errs = append(errs, errors.New("--stress is not negative, --window and --lease are above 0"))
	}
	if o.chunk < 1 || o.chunk > maxChunk {
		errs = append(errs, fmt.Errorf("--chunk %d: need 1 to %d", o.chunk, maxChunk))
	}
	if o.output == "" {
		errs = append(errs, errors.New("--output needs a file"))
	}
	return errors.Join(errs...)
}
