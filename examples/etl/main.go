// Command etl sums up a CSV file of penguins, in parts and in bounded memory. See README.md for
// its topology.
package main

import (
	"bytes"
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
	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/logs"
)

//go:generate go tool necrogen

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(runProgram(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// runProgram is main with its surroundings as arguments; it returns the exit code.
func runProgram(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stdout, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return cli.ExitDone
	case err != nil:
		return cli.ExitUsage
	}
	defer logs.Flush(o.log)
	code, err := sumUp(ctx, o, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "etl: %v\n", err)
	}
	return code
}

// sumUp runs the pipeline on its input, and prints the summary.
func sumUp(ctx context.Context, o *options, stdout, stderr io.Writer) (code int, err error) {
	s, err := openSource(o, o.inputGenerator(ctx, stderr))
	if err != nil {
		if ctx.Err() != nil {
			return cli.ExitInterrupted, errors.New("interrupted before anything was read")
		}
		return cli.ExitUsage, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	backend, err := cli.Open(ctx, o.redis, "etl", o.log, memory.New())
	if err != nil {
		return cli.ExitUsage, err
	}
	defer backend.Close()
	p, err := preparePipeline(o, s, backend, stderr)
	if err != nil {
		return cli.ExitUsage, err
	}
	start := time.Now()
	err = p.runPipeline(ctx, stderr)
	interrupted := ctx.Err() != nil && errors.Is(err, ctx.Err())
	if interrupted {
		err = errors.New("interrupted: what had been taken in was finished")
	}
	err = errors.Join(err, p.failedDeliveries(context.WithoutCancel(ctx)), p.aggregate.journal.endJournal(!p.store.stored))
	p.writeReport(time.Since(start), stdout)
	wrong := p.tellWrong(stderr)
	switch {
	case interrupted:
		return cli.ExitInterrupted, err
	case err != nil || wrong || !p.store.stored:
		return cli.ExitWrong, err
	}
	return cli.ExitDone, nil
}

// preparePipeline makes the pipeline of a new run, or of one that was killed. Sums in memory end with the process, so
// resuming needs a backend that outlives it.
func preparePipeline(o *options, s *source, backend cli.Backend, stderr io.Writer) (*pipeline, error) {
	run := necro.NewID().String()
	if _, outlives := backend.(*redisstream.Backend); !outlives {
		return newPipeline(o, s, run, backend, nil, nil)
	}
	j, entries, run, err := openJournal(o.output+".journal", run, s.Input)
	if err != nil {
		return nil, err
	}
	p, err := newPipeline(o, s, run, backend, j, entries)
	if err == nil && len(entries) > 0 {
		fmt.Fprintf(stderr, "etl: going on with an earlier run, which counted %s rows: this may take as long as its lease\n", cli.Count(p.aggregate.totals.Rows))
	}
	return p, err
}

// runPipeline runs the pipeline until the whole file is worked off.
func (p *pipeline) runPipeline(ctx context.Context, stderr io.Writer) error {
	done := func() uint64 { return uint64(p.aggregate.done.Load()) }
	defer cli.Progress(stderr, "bytes", uint64(p.aggregate.all), done)()
	return cli.Serve(ctx, p.spine, p.feedChunks)
}

// inputGenerator returns a function that writes an input, when the options name none.
func (o *options) inputGenerator(ctx context.Context, stderr io.Writer) func(io.Writer) error {
	if o.stress == 0 {
		return func(w io.Writer) error {
			_, err := io.Copy(w, bytes.NewReader(penguins))
			return err
		}
	}
	return func(w io.Writer) error { return generateRows(ctx, w, o.stress, o.seed, stderr) }
}
