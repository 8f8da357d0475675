// Command workers shares jobs between processes, through Redis. Any of them may be killed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/logs"
)

//go:generate go tool necrogen

const usage = `workers shares jobs between processes, through Redis.

usage: workers [flags] publish N   store N jobs
       workers [flags] work        do jobs until Ctrl-C
       workers [flags] collect     take the receipts, and count them

examples:
  export NECRO_REDIS_URL=redis://localhost:6379/0
  workers work             in two terminals
  workers publish 2000     in a third one
  kill -9 4711             one of the two, by the number that it tells: the other does all jobs
  workers collect          one receipt for each job, whoever did it

What a killed worker had in hand comes to another one when its lease has run out.

exit codes: 0 done; 1 failed, or a job has two receipts; 2 could not start; 130 interrupted.

flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(runProgram(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// program is what the verbs share.
type program struct {
	redis   string
	backend cli.Backend
	log     *slog.Logger
	takes   time.Duration
	lease   time.Duration
	stdout  io.Writer
}

// runProgram is main with its surroundings as arguments; it returns the exit code.
func runProgram(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := program{stdout: stdout}
	flags := flag.NewFlagSet("workers", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	cli.RedisFlag(flags, &p.redis)
	flags.DurationVar(&p.takes, "takes", 5*time.Millisecond, "how `long` a job takes")
	flags.DurationVar(&p.lease, "lease", 5*time.Second, "how `long` a worker may be silent; the same for all workers")
	level := flags.String("log-level", "warn", "what to log: debug, info, warn or error")
	words, err := cli.Parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		cli.WriteFlags(stdout, flags)
		return cli.ExitDone
	}
	verb, verbErr := p.findVerb(words)
	var logErr error
	p.log, logErr = cli.Logger(stderr, "text", *level)
	if err = errors.Join(err, verbErr, logErr); err == nil {
		p.backend, err = cli.Open(ctx, p.redis, "workers", p.log, nil)
	}
	if err == nil && p.backend == nil {
		err = errors.New("need --redis redis://localhost:6379/0, or the URL in NECRO_REDIS_URL")
	}
	if err != nil {
		return reportFailure(stderr, cli.ExitUsage, err)
	}
	defer logs.Flush(p.log)
	if err = errors.Join(verb(ctx), p.backend.Close()); ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return reportFailure(stderr, cli.ExitInterrupted, errors.New("interrupted"))
	} else if err != nil {
		return reportFailure(stderr, cli.ExitWrong, err)
	}
	return cli.ExitDone
}

func reportFailure(stderr io.Writer, code int, err error) int {
	fmt.Fprintf(stderr, "workers: %v\n", err)
	return code
}

// findVerb returns the function for the verb on the command line.
func (p *program) findVerb(words []string) (func(context.Context) error, error) {
	switch {
	case len(words) == 2 && words[0] == "publish":
		n, err := strconv.Atoi(words[1])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("publish %s: need a number of jobs", words[1])
		}
		return func(ctx context.Context) error { return p.publishJobs(ctx, n) }, nil
	case len(words) == 1 && words[0] == "work":
		return p.workJobs, nil
	case len(words) == 1 && words[0] == "collect":
		return p.collectReceipts, nil
	}
	return nil, errors.New("need a verb: publish N, work or collect; try workers --help")
}

func (p *program) makeSpine(organs ...necro.Organ) (*necro.Spine, error) {
	return necro.New(p.backend, necro.WithOrgans(organs...), necro.WithLease(p.lease), necro.WithLogger(p.log))
}

// batchSize is how many events Redis takes in one call.
const batchSize = 1000

// publishJobs stores jobs. Its spine has the organs, which it does not run, so that they are bound
// before there is anything for them.
func (p *program) publishJobs(ctx context.Context, n int) error {
	spine, err := p.makeSpine(&Worker{}, NewReceipts())
	if err != nil {
		return err
	}
	for first := 1; first <= n; first += batchSize {
		var jobs []necro.Event
		for number := first; number < first+batchSize && number <= n; number++ {
			jobs = append(jobs, &Job{Number: number})
		}
		if err := spine.PublishBatch(ctx, jobs); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stdout, "stored %s jobs\n", cli.Count(n))
	return spine.Close()
}

// workJobs runs the organs of workers until ctx ends.
func (p *program) workJobs(ctx context.Context) error {
	spine, err := p.makeSpine(&Worker{takes: p.takes, out: p.stdout})
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "process", os.Getpid())
	return spine.Run(ctx)
}

// collectReceipts handles the receipts that are stored.
func (p *program) collectReceipts(ctx context.Context) error {
	receipts := NewReceipts()
	spine, err := p.makeSpine(receipts)
	if err != nil {
		return err
	}
	if _, err := spine.Drain(ctx); err != nil {
		return err
	}
	done := map[necro.ID]bool{}
	for _, job := range receipts.jobs {
		done[job] = true
	}
	fmt.Fprintf(p.stdout, "%s receipts for %s jobs; %s jobs are not done\n",
		cli.Count(len(receipts.jobs)), cli.Count(len(done)), cli.Count(p.countLeft(ctx)))
	for _, worker := range slices.Sorted(maps.Keys(receipts.workers)) {
		fmt.Fprintf(p.stdout, "  process %d did %s\n", worker, cli.Count(receipts.workers[worker]))
	}
	if len(done) != len(receipts.jobs) {
		return errors.New("a job has two receipts")
	}
	return nil
}

// countLeft returns how many jobs wait or are being done.
func (p *program) countLeft(ctx context.Context) (jobs int) {
	for _, o := range p.backend.Health(ctx).Organs {
		if o.Organ == "worker" {
			jobs = o.Ready + o.Leased + o.Scheduled
		}
	}
	return jobs
}
