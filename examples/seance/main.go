// Command seance asks the dead. It is the smallest chain of organs that is of no use at all.
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

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/once"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/logs"
)

//go:generate go tool necrogen

const usage = `seance asks the dead, and reveals what their answers mean.

usage: seance [flags] [question…]

examples:
  seance                                        a question that everybody has
  seance "Will it compile?" "Shall I rebase?"
  seance --seed 1313 "Will it compile?"         another night, another answer
  seance --stress 20000                         so many questions that nobody listens
  seance --redis redis://localhost:6379/0       with the spirits in Redis

exit codes: 0 all is revealed; 1 it is not; 2 could not begin; 130 interrupted: who had been called was heard.

flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(runProgram(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// runProgram is main with its surroundings as arguments; it returns the exit code.
func runProgram(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("seance", flag.ContinueOnError)
	seed := flags.Uint64("seed", 13, "what `night` it is: the same one has the same answers")
	stress := flags.Uint("stress", 0, "ask so many `times`, and only count")
	format := flags.String("log-format", "text", "how to log: text or json")
	level := flags.String("log-level", "error", "what to log: debug, info, warn (with shy spirits) or error")
	var url string
	cli.RedisFlag(flags, &url)
	questions, err := cli.ParseOrHelp(flags, args, usage, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return cli.ExitDone
	}
	log, logErr := cli.Logger(stderr, *format, *level)
	if err = errors.Join(err, logErr); err != nil {
		cli.Misuse(stderr, "seance", err)
		return cli.ExitUsage
	}
	defer logs.Flush(log)
	if len(questions) == 0 {
		questions = []string{"Will it work in production?"}
	}
	backend, err := cli.Open(ctx, url, "seance", log, memory.New())
	if err != nil {
		fmt.Fprintf(stderr, "seance: %v\n", err)
		return cli.ExitUsage
	}
	defer backend.Close()
	parlor := &Parlor{out: stdout, heard: once.New[error](256)}
	if *stress > 0 {
		parlor.out = nil
	}
	spine, err := necro.New(backend, necro.WithLogger(log), necro.WithOrgans(&Medium{}, &Spirit{}, &Oracle{}, parlor))
	if err != nil {
		fmt.Fprintf(stderr, "seance: %v\n", err)
		return cli.ExitUsage
	}
	done := func() uint64 { return spine.Stats().Handled / 4 } // by four organs
	wipe := func() {}
	if *stress > 0 {
		wipe = cli.Progress(stderr, "omens", uint64(*stress), done)
	}
	err = cli.Serve(ctx, spine, func(ctx context.Context) error {
		for i := 0; i < len(questions) || i < int(*stress); i++ {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			ritual := &SummonRitual{questions[i%len(questions)], *seed + uint64(i)}
			if err := cli.Publish(ctx, spine, backend, ritual); err != nil {
				return err
			}
		}
		return nil
	})
	wipe()
	fmt.Fprintf(stdout, "Omens: %s. Shy spirits: %s.\n", cli.Count(parlor.omens), cli.Count(parlor.shy))
	if n := spine.Stats().Dead; err == nil && n > 0 {
		err = fmt.Errorf("%d spirits were given up", n)
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		fmt.Fprintln(stderr, "seance: interrupted: who had been called was heard")
		return cli.ExitInterrupted
	case err != nil:
		fmt.Fprintf(stderr, "seance: not all is revealed: %v\n", err)
		return cli.ExitWrong
	}
	return cli.ExitDone
}
