package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/bench/billing"
	"github.com/necrostack/necrogen/bench/ledger"
	necro "github.com/necrostack/necrogen/runtime"
)

// processCounts are how many processes share a chain of two organs.
var processCounts = []int{1, 2, 4, 8}

// processShare is how much more a command or a microsecond of the server an event may cost with many
// processes than with one.
const processShare = 1.25

// cost is what a chain took, for each event that was published.
type cost struct{ commands, micros, seconds float64 }

// printProcesses prints what an event costs the server when 1, 2, 4 and 8 processes share the work, all of which wait
// when it begins. Beside it stands what an event costs in the bare loop of as many processes: what their number adds
// there, the machine adds, for that loop sends the same commands whatever their number is.
func printProcesses(w io.Writer, s settings, url string) ([]string, error) {
	events := int(s.round/time.Millisecond) * 4000
	fmt.Fprintf(w, "redis: a chain of two organs in several processes, %d orders from a backlog\n", events)
	chain, bare, err := measureProcesses(url, events, max(1, s.rounds/10))
	if err != nil {
		return nil, err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  \tevents/s\tcommands an event\tagainst one process\ttarget\tserver µs an event\tagainst one process\ttarget\tbare loop: server µs\tagainst one process")
	var missed []string
	for i, n := range processCounts {
		commands, micros := goalOf(n).judgeCosts(chain[i], chain[0], commandsOf), goalOf(n).judgeCosts(chain[i], chain[0], microsOf)
		fmt.Fprintf(t, "  %d\t%s\t%.3f\t%s\t%s\t%.2f\t%s\t%s\t%.2f\t%s\n", n, withCommas(1/pickCost(chain[i], secondsOf)),
			pickCost(chain[i], commandsOf), commands.timesText(), commands.targetText(),
			pickCost(chain[i], microsOf), micros.timesText(), micros.targetText(),
			pickCost(bare[i], microsOf), share(0).judgeCosts(bare[i], bare[0], microsOf).timesText())
		missed = append(missed, commands.missText("redis-processes, commands", "one process")...)
		missed = append(missed, micros.missText("redis-processes, server µs", "one process")...)
	}
	t.Flush()
	fmt.Fprintln(w)
	return missed, nil
}

// measureProcesses lets the chain and the bare loop take turns with each number of processes.
func measureProcesses(url string, events, rounds int) (chain, bare [][]cost, err error) {
	chain, bare = make([][]cost, len(processCounts)), make([][]cost, len(processCounts))
	for range rounds {
		for i, n := range processCounts {
			c, err := shareChain(url, n, events)
			if err != nil {
				return nil, nil, err
			}
			b, err := shareBare(url, n, events)
			if err != nil {
				return nil, nil, err
			}
			chain[i], bare[i] = append(chain[i], c), append(bare[i], b)
		}
	}
	return chain, bare, nil
}

// goalOf is the target with n processes: eight have one.
func goalOf(n int) goal {
	if n == processCounts[len(processCounts)-1] {
		return share(processShare)
	}
	return share(0)
}

func commandsOf(c cost) float64 { return c.commands }
func microsOf(c cost) float64   { return c.micros }
func secondsOf(c cost) float64  { return c.seconds }

// judgeCosts compares one number of the costs of several processes with that of one.
func (g goal) judgeCosts(several, one []cost, number func(cost) float64) verdict {
	return g.judge(costSamples(several, number), costSamples(one, number))
}

func costSamples(costs []cost, number func(cost) float64) []sample {
	samples := make([]sample, len(costs))
	for i, c := range costs {
		samples[i].nanos = number(c)
	}
	return samples
}

func pickCost(costs []cost, number func(cost) float64) float64 {
	values := make([]float64, len(costs))
	for i, c := range costs {
		values[i] = number(c)
	}
	return median(values)
}

// shareChain lets n processes work off so many orders.
func shareChain(url string, n, events int) (cost, error) {
	client := dialRedis(url)
	defer client.Close()
	emptyServer(client)
	s := newRedisSpine(url, nil, chainOfTwo())
	s.publishOrders(events)
	ctx := context.Background()
	for _, organ := range []string{"billing.Desk", "ledger.Payments"} {
		checkError(s.backend.Pause(ctx, organ, "until all processes are there"))
	}
	var ends []func() error
	defer func() {
		for _, end := range ends {
			end()
		}
	}()
	for range n {
		end, err := startServer(serveEnv, url)
		if err != nil {
			return cost{}, err
		}
		ends = append(ends, end)
	}
	time.Sleep(time.Second) // they have looked at the paused organs, and wait
	before, start := usageOf(client), time.Now()
	for _, organ := range []string{"billing.Desk", "ledger.Payments"} {
		checkError(s.backend.Resume(ctx, organ))
	}
	awaitNone(func() int64 {
		time.Sleep(10 * time.Millisecond)
		desk, err := client.XLen(ctx, "necro:{default:0}:q:billing.Desk").Result()
		checkError(err)
		payments, err := client.XLen(ctx, "necro:{default:0}:q:ledger.Payments").Result()
		checkError(err)
		return desk + payments
	})
	c := costSince(before, usageOf(client), time.Since(start), events)
	s.expectWaiting("ledger.Payments", 0)
	s.closeSpine()
	return c, nil
}

// costSince is the cost of each of so many events between two looks at the server.
func costSince(before, after usage, took time.Duration, events int) cost {
	each := func(v float64) float64 { return v / float64(events) }
	return cost{each(after.commands - before.commands), each(after.micros - before.micros), each(took.Seconds())}
}

func chainOfTwo() necro.Option {
	return necro.WithOrgans(&billing.Desk{}, &ledger.Payments{Count: ledger.NewCount()})
}

// usage is what a server has done since it started.
type usage struct{ commands, micros float64 }

// usageOf leaves out the command that polls how much is left.
func usageOf(client *redis.Client) usage {
	number := func(section, name string) float64 {
		v, err := strconv.ParseFloat(strings.TrimSpace(serverInfo(client, section, name)), 64)
		checkError(err)
		return v
	}
	polls := 0.0
	if text := serverInfo(client, "commandstats", "cmdstat_xlen"); text != "" {
		calls, _, _ := strings.Cut(strings.TrimPrefix(text, "calls="), ",")
		polls, _ = strconv.ParseFloat(calls, 64)
	}
	return usage{
		commands: number("stats", "total_commands_processed") - polls,
		micros:   1e6 * (number("cpu", "used_cpu_user") + number("cpu", "used_cpu_sys")),
	}
}

// startServer starts a process that plays a part, and returns when it does. end ends it.
func startServer(part, url string) (end func() error, err error) {
	cmd, err := startChild(part, url)
	if err != nil {
		return nil, err
	}
	return func() error {
		cmd.Process.Signal(syscall.SIGTERM) // a shell has its background jobs ignore interrupts
		return cmd.Wait()
	}, nil
}

// startChild starts a process of this program whose part is named by a variable of its environment. It
// returns when the process has printed a line.
func startChild(part, url string) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), part+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return nil, fmt.Errorf("a process of this benchmark says nothing: %w", err)
	}
	return cmd, nil
}

// playPart plays the part of a child process, if this is one.
func playPart() (played bool) {
	if url := os.Getenv(serveEnv); url != "" {
		serveChain(url)
		return true
	}
	if url := os.Getenv(crashEnv); url != "" {
		serveUntilKilled(url)
		return true
	}
	if url := os.Getenv(bareEnv); url != "" {
		serveBare(url)
		return true
	}
	for _, o := range laneOrders {
		if url := os.Getenv(o.env); url != "" {
			serveLanes(url, o.policy)
			return true
		}
	}
	return false
}

// serveEnv makes this program one of the processes of shareChain: it holds the server's URL.
const serveEnv = "BENCH_SERVE"

// serveChain serves the chain until it is told to end.
func serveChain(url string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s := newRedisSpine(url, nil, chainOfTwo())
	fmt.Println("serves")
	checkError(s.Run(ctx))
	s.closeSpine()
}
