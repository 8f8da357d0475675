// Command notifications tells users things by e-mail, SMS and push message. See README.md for
// its topology.
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
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/input"
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
	screen := cli.NewScreen(stderr) // log lines go above the prompt, and above a progress bar
	o, err := parseOptions(args, stdout, screen)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return cli.ExitDone
	case err != nil:
		return cli.ExitUsage
	}
	defer logs.Flush(o.log)
	if len(o.files) == 0 && o.stress == 0 && !o.publish && !o.work && cli.IsTerminal(stdin) && cli.IsTerminal(stdout) {
		o.interactive = true
	}
	code, err := o.chooseMode()(ctx, o, stdin, stdout, screen)
	if err != nil {
		fmt.Fprintf(screen, "notifications: %v\n", err)
	}
	return code
}

// chooseMode returns the function for the mode that the options ask for, which returns the exit code.
func (o *options) chooseMode() func(ctx context.Context, o *options, stdin io.Reader, stdout io.Writer, screen *cli.Screen) (code int, err error) {
	switch {
	case o.publish:
		return publishOnly
	case o.work:
		return workOnly
	}
	return publishAndWork
}

// publishAndWork sends notifications until all are worked off, and tells what became of them.
func publishAndWork(ctx context.Context, o *options, stdin io.Reader, stdout io.Writer, screen *cli.Screen) (code int, err error) {
	sources, err := o.openNamed(ctx, stdin)
	if err != nil {
		return cli.ExitUsage, err
	}
	events, closeTrail, err := trail.Create(o.audit)
	if err != nil {
		return cli.ExitUsage, err
	}
	backend, err := cli.Open(ctx, o.redis, "notifications", o.log, memory.New())
	if err != nil {
		return cli.ExitUsage, err
	}
	defer backend.Close()
	w, err := newWorld(o)
	if err != nil {
		return cli.ExitUsage, err
	}
	defer w.Close()
	if err := finishEarlier(ctx, o, backend, w, screen); err != nil {
		return cli.ExitWrong, err
	}
	s, err := newService(o, backend, w, events, o.outcomeWriter(screen.Above(stdout)))
	if err != nil {
		return cli.ExitUsage, err
	}
	start := time.Now()
	wrong, err := s.serveOrgans(ctx, o, s.chooseWork(o, sources, stdin, stdout, screen), screen)
	interrupted := ctx.Err() != nil && errors.Is(err, ctx.Err())
	if interrupted {
		err = errors.New("interrupted: what had been taken in was finished")
	}
	whole, reportErr := s.writeReport(context.WithoutCancel(ctx), o, time.Since(start), stdout)
	err = errors.Join(err, closeTrail(), reportErr)
	switch {
	case interrupted:
		return cli.ExitInterrupted, err
	case err != nil || !whole || wrong > 0:
		return cli.ExitWrong, err
	}
	return cli.ExitDone, nil
}

// openNamed opens the files that the options name: the users, and those with notifications.
func (o *options) openNamed(ctx context.Context, stdin io.Reader) (sources []input.Source, err error) {
	if o.users, err = openDirectory(ctx, o.usersFile); err != nil || o.interactive || o.work || o.stress > 0 {
		return nil, err
	}
	return openInputs(ctx, o.files, stdin)
}
