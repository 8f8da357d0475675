// Command chaos lets real workers and publishers run a topology of branching chains over a real redis-server,
// kills, freezes and disconnects all of them at random, and counts the fate of every event: published, handled,
// lost, forked, left over.
//
//	go run ./internal/proof/chaos                   half a minute
//	go run ./internal/proof/chaos -time 10m         as long as one likes
//	go run ./internal/proof/chaos -seed 7           with the choices of an earlier run
//	go run ./internal/proof/chaos -sabotage fence   with a broken backend: it has to be found out
//
// Exit codes: 0 all is well; 1 something was lost, forked or left over, a process failed, or too
// few faults bit to tell; 2 could not run.
//
//	events.go, organs.go, chain.go, work.go   the topology and the work of its handlers
//	role.go, worker.go, publisher.go          the processes: this program again, with a role
//	record.go, recorder.go                    their records, written before anything is settled
//	process.go, signal_*.go, hands.go         the processes, seen from outside
//	rig.go, store.go                          all of them, and the server
//	fault*.go, storm.go                       the faults and their times
//	trial.go, count.go, report.go             a run, its count, its report
//	sabotage.go                               backends that are broken on purpose
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	if isRole(os.Args[1:]) {
		os.Exit(playRole(os.Args[1:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := runProgram(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are what can be chosen.
type options struct {
	time        time.Duration
	seed        uint64
	lease, pace time.Duration
	sabotage    string
	keep        string
}

const (
	exitWell  = 0
	exitWrong = 1
	exitUsage = 2
)

// runProgram is main with its surroundings as arguments; it returns the exit code.
func runProgram(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitWell
	case err != nil:
		return exitUsage
	}
	results, err := runTrials(ctx, o, stdout)
	if err != nil {
		fmt.Fprintf(stderr, "chaos: seed %d: %v\n", o.seed, err)
		return exitUsage
	}
	if wrong := o.printReport(stdout, results); len(wrong) > 0 {
		return exitWrong
	}
	return exitWell
}

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.DurationVar(&o.time, "time", 30*time.Second, "for how long faults strike")
	flags.Uint64Var(&o.seed, "seed", 0, "the `number` that decides all choices; 0 is a fresh one")
	flags.DurationVar(&o.lease, "lease", time.Second, "of the workers: the shorter, the more faults bite")
	flags.DurationVar(&o.pace, "pace", 150*time.Millisecond, "between two chains of one of the 8 that publish, on average")
	flags.StringVar(&o.sabotage, "sabotage", "", "break the backend by the `edits` of this name")
	flags.StringVar(&o.keep, "keep", "", "leave all records in this `folder`")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if o.seed == 0 {
		o.seed = rand.Uint64()
	}
	return o, nil
}

// runTrials runs both trials: the storm, and the flushes, from which only the events published after them are to
// recover.
func runTrials(ctx context.Context, o *options, stdout io.Writer) (results []*result, err error) {
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "chaos"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
	}
	program, err := o.buildProgram(ctx, dir)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(stdout, "seed %d, %s, %d workers, %d publishers, leases of %s\n", o.seed, o.time, workers, publishers, o.lease)
	for _, t := range o.planTrials() {
		r, err := t.runTrial(ctx, o, filepath.Join(dir, t.name), program)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		results = append(results, r)
	}
	return results, nil
}
