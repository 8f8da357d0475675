// Command field runs one program, in several processes and releases, under the troubles that the field has and a
// laboratory has not: latency, narrow links, stalls and half-open connections, servers that die, are full, or
// are deposed, a cluster with a dead node and a moving slot, hostile bytes, rollouts and rollbacks.
//
//	go run ./internal/proof/field                      every scenario for 5 s
//	go run ./internal/proof/field -total 20m           all of them together for as long as one likes
//	go run ./internal/proof/field -only rollout        those whose name matches a pattern
//	go run ./internal/proof/field -seed 7 -keep DIR    the choices of an earlier run; its diaries stay in DIR
//
// The counts come from diaries: each process appends its deeds to a file of its own, before anything is settled.
// Exit codes: 0 all is well; 1 a scenario found something; 2 it could not run.
//
//	events.go, organs.go      the topology, and its releases
//	diary.go, count.go        the records of the processes, and their count
//	role.go, child.go         a worker process, from inside and from outside
//	ground.go, setting.go     servers, processes, publishers
//	scenario.go, scenarios.go the strikes, and how a scenario runs; slot.go moves a slot, hostile.go plants bytes
//	table.go                  the printed table
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// Exit codes.
const (
	exitWell  = 0
	exitWrong = 1
	exitUsage = 2
)

// options are what can be chosen.
type options struct {
	time  time.Duration // of each scenario
	total time.Duration // of all, in place of time
	only  string
	seed  uint64
	lease time.Duration
	slack int
	keep  string
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "worker" {
		os.Exit(playRole(os.Args[2]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := runProgram(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// runProgram is main with its surroundings as arguments; it returns the exit code.
func runProgram(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitWell
	case err != nil:
		return exitUsage
	}
	verdicts, err := o.runAll(ctx, stdout)
	wrong := len(verdicts) > 0 && printTable(stdout, verdicts)
	switch {
	case err != nil: // the table has the scenarios before it
		fmt.Fprintf(stderr, "field: seed %d: %v\n", o.seed, err)
		return exitUsage
	case wrong:
		return exitWrong
	}
	return exitWell
}

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("field", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.DurationVar(&o.time, "time", 5*time.Second, "for how long each scenario goes on")
	flags.DurationVar(&o.total, "total", 0, "for how long all of them go on together, in place of -time")
	flags.StringVar(&o.only, "only", "", "run the scenarios whose name matches a `pattern`")
	flags.Uint64Var(&o.seed, "seed", 0, "the `number` that decides all choices; 0 is a fresh one")
	flags.DurationVar(&o.lease, "lease", 2*time.Second, "of the workers")
	flags.IntVar(&o.slack, "slack", 1, "allow so many `times` the pause that a quiet machine needs")
	flags.StringVar(&o.keep, "keep", "", "leave all diaries and logs in this `folder`")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if o.seed == 0 {
		o.seed = rand.Uint64()
	}
	return o, nil
}

// chosenScenarios returns the scenarios that are to run, and gives each its time.
func (o *options) chosenScenarios() (list []scenario, err error) {
	pattern, err := regexp.Compile(o.only)
	if err != nil {
		return nil, fmt.Errorf("-only: %w", err)
	}
	for _, s := range allScenarios() {
		if pattern.MatchString(s.name) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("-only %s: no scenario has such a name", o.only)
	}
	if o.total > 0 {
		o.time = o.total / time.Duration(len(list))
	}
	return list, nil
}

// runAll runs the scenarios one after the other. It returns the verdicts of those that ended, also beside an error.
func (o *options) runAll(ctx context.Context, stdout io.Writer) (verdicts []*verdict, err error) {
	list, err := o.chosenScenarios()
	if err != nil {
		return nil, err
	}
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "field"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	program, err := buildProgram(ctx, dir)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(stdout, "seed %d, %s each, %d workers, leases of %s\n", o.seed, o.time.Round(time.Second), workers, o.lease)
	for i := range list {
		fmt.Fprintf(stdout, "%s …\n", list[i].name)
		v, err := list[i].runScenario(ctx, o, dir, program)
		if err != nil {
			return verdicts, fmt.Errorf("%s: %w", list[i].name, err)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts, nil
}

// buildProgram returns the path of this program: as a test binary it is another one.
func buildProgram(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "worker.bin")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/necrostack/necrogen/internal/proof/field").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the workers: %w\n%s", err, out)
	}
	return program, nil
}
