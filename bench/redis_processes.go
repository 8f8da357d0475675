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

// printProcesses prints what an event costs the server when 1, 2, 4 and 8 processes share the work.
// All of them wait when the work begins.
func printProcesses(w io.Writer, s settings, url string) ([]string, error) {
	events := int(s.round/time.Millisecond) * 1000
	rounds := max(1, s.rounds/20)
	fmt.Fprintf(w, "redis: a chain of two organs in several processes, %d orders from a backlog\n", events)
	all := make([][]cost, len(processCounts))
	for range rounds {
		for i, n := range processCounts {
			c, err := shareChain(url, n, events)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], c)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  \tevents/s\tcommands an event\tserver µs an event\tagainst one process\ttarget")
	var missed []string
	for i, n := range processCounts {
		commands, micros := pickCost(all[i], func(c cost) float64 { return c.commands }), pickCost(all[i], func(c cost) float64 { return c.micros })
		v := processVerdict(all[0], all[i], n)
		fmt.Fprintf(t, "  %d\t%s\t%.3f\t%.2f\t%s\t%s\n", n, withCommas(1/pickCost(all[i], func(c cost) float64 { return c.seconds })),
			commands, micros, v, v.targetText())
		missed = append(missed, v.missText("redis-processes", "one process")...)
	}
	t.Flush()
	fmt.Fprintln(w)
	return missed, nil
}

// processVerdict compares the server's time with that of one process. With eight there is a target.
func processVerdict(one, many []cost, n int) verdict {
	g := share(0)
	if n == processCounts[len(processCounts)-1] {
		g = share(processShare)
	}
	return g.judge(costSamples(many), costSamples(one))
}

func costSamples(costs []cost) []sample {
	samples := make([]sample, len(costs))
	for i, c := range costs {
		samples[i].nanos = c.micros * 1000
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
		end, err := startServer(url)
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
	took, after := time.Since(start), usageOf(client)
	s.expectWaiting("ledger.Payments", 0)
	s.closeSpine()
	each := func(v float64) float64 { return v / float64(events) }
	return cost{each(after.commands - before.commands), each(after.micros - before.micros), each(took.Seconds())}, nil
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

// startServer starts a process that serves the chain, and returns when it does. end ends it.
func startServer(url string) (end func() error, err error) {
	cmd, err := startChild(serveEnv, url)
	if err != nil {
		return nil, err
	}
	return func() error {
		cmd.Process.Signal(os.Interrupt)
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
	return false
}

// serveEnv makes this program one of the processes of shareChain: it holds the server's URL.
const serveEnv = "BENCH_SERVE"

// serveChain serves the chain until it is interrupted.
func serveChain(url string) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	s := newRedisSpine(url, nil, chainOfTwo())
	fmt.Println("serves")
	checkError(s.Run(ctx))
	s.closeSpine()
}
