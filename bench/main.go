package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

func main() {
	if playPart() {
		return
	}
	rounds := flag.Int("rounds", 41, "rounds of each contest")
	round := flag.Duration("round", 50*time.Millisecond, "time of one contestant in one round")
	short := flag.Bool("short", false, "one short round: shows that it runs, its numbers mean nothing")
	heap := flag.Int("heap", 16, "MiB that stay alive: with next to none, the collector's starts drown the work")
	only := flag.String("only", "", "hold only the contests whose names match this regular expression")
	flag.Parse()
	s := settings{rounds: max(*rounds, 1), round: *round, heap: *heap}
	if *short {
		s.rounds, s.round = 1, 5*time.Millisecond
	}
	if err := runAll(os.Stdout, s, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// allContests are all contests, in the order of the tables. Some need the redis-server.
func allContests(server redisServer) []contest {
	return slices.Concat(organContests(), chainContests(), telemetryContests(), codecContests(), validateContests(),
		redisContests(server.url), crowdContests(server.url), stateContests(server.url), farContests(server.proxy))
}

// report is a part of the printed text.
type report struct {
	name  string // for -only
	redis bool   // needs a redis-server
	// print measures and prints; it returns the targets that were missed.
	print func(w io.Writer, s settings) (missed []string, err error)
}

func allReports(server redisServer) []report {
	redisURL := server.url
	var all []report
	for _, c := range allContests(server) {
		all = append(all, report{c.name, c.redis, c.printResult})
	}
	return append(all,
		report{"memory-load", false, printLoad},
		report{"generate", false, printGenerate},
		report{"redis-latency", true, func(w io.Writer, s settings) ([]string, error) { return printLatency(w, s, redisURL) }},
		report{"redis-processes", true, func(w io.Writer, s settings) ([]string, error) { return printProcesses(w, s, redisURL) }},
		report{"redis-partitions", true, printPartitions},
		report{"redis-lanes", true, func(w io.Writer, s settings) ([]string, error) { return printLanes(w, s, redisURL) }},
		report{"redis-recovery", true, func(w io.Writer, s settings) ([]string, error) { return printRecovery(w, s, redisURL) }},
		report{"redis-memory", true, func(w io.Writer, s settings) ([]string, error) { return printMemory(w, s, redisURL) }},
	)
}

func runAll(w io.Writer, s settings, only string) error {
	match, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	server := launchRedis()
	defer server.leave()
	printSettings(w, s, server)
	alive := make([]byte, s.heap<<20)
	defer runtime.KeepAlive(alive)
	var missed, failed []string
	for _, r := range allReports(server) {
		if !match.MatchString(r.name) {
			continue
		}
		if r.redis && server.err != nil {
			failed = append(failed, r.name)
			continue
		}
		m, err := r.print(w, s)
		if err != nil {
			return err
		}
		missed = append(missed, m...)
	}
	if len(missed) > 0 {
		fmt.Fprintf(w, "targets missed:\n%s\n", strings.Join(missed, "\n"))
	}
	if len(failed) > 0 {
		return fmt.Errorf("not measured: %s: %w", strings.Join(failed, ", "), server.err)
	}
	return nil
}

// printSettings says under which conditions the numbers came about.
func printSettings(w io.Writer, s settings, server redisServer) {
	fmt.Fprintf(w, "%s %s/%s, %d CPUs, GOMAXPROCS %d, GOGC %s, %d MiB alive\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.GOMAXPROCS(0), gogcSetting(), s.heap)
	fmt.Fprintf(w, "%d rounds of %v for each contestant in turn; a ratio is the median of the rounds (quartiles)\n", s.rounds, s.round)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if slices.Contains(peerModules, d.Path) {
				fmt.Fprintf(w, "%s %s\n", d.Path, d.Version)
			}
		}
	}
	fmt.Fprintf(w, "%s\n\n", server)
}

func gogcSetting() string {
	if v := os.Getenv("GOGC"); v != "" {
		return v
	}
	return "100"
}

var peerModules = []string{
	"github.com/ThreeDotsLabs/watermill",
	"github.com/ThreeDotsLabs/watermill-redisstream",
	"github.com/go-playground/validator/v10",
	"github.com/goccy/go-json",
	"github.com/hibiken/asynq",
	"github.com/prometheus/client_golang",
	"github.com/redis/go-redis/v9",
	"github.com/tinylib/msgp",
	"github.com/vmihailenco/msgpack/v5",
	"go.opentelemetry.io/otel/sdk",
	"google.golang.org/protobuf",
}
