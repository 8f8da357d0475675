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
	if err := run(os.Stdout, s, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// contests are all contests, in the order of the tables.
func contests() []contest {
	return slices.Concat(organContests(), chainContests(), codecContests(), validateContests())
}

func run(w io.Writer, s settings, only string) error {
	match, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	printSettings(w, s)
	alive := make([]byte, s.heap<<20)
	defer runtime.KeepAlive(alive)
	var missed []string
	for _, c := range contests() {
		if !match.MatchString(c.name) {
			continue
		}
		for i, v := range printTable(w, c, s.hold(c)) {
			if v.missed() {
				missed = append(missed, fmt.Sprintf("  %s: %s against %s, target %s", c.name, v, c.peers[i].name, v.bound()))
			}
		}
	}
	if match.MatchString("generate") {
		if err := printGenerate(w, s); err != nil {
			return err
		}
	}
	if len(missed) > 0 {
		fmt.Fprintf(w, "targets missed:\n%s\n", strings.Join(missed, "\n"))
	}
	return nil
}

// printSettings says under which conditions the numbers came about.
func printSettings(w io.Writer, s settings) {
	fmt.Fprintf(w, "%s %s/%s, %d CPUs, GOMAXPROCS %d, GOGC %s, %d MiB alive\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.GOMAXPROCS(0), gogc(), s.heap)
	fmt.Fprintf(w, "%d rounds of %v for each contestant in turn; a ratio is the median of the rounds (quartiles)\n", s.rounds, s.round)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if slices.Contains(peerModules, d.Path) {
				fmt.Fprintf(w, "%s %s\n", d.Path, d.Version)
			}
		}
	}
	fmt.Fprintln(w)
}

func gogc() string {
	if v := os.Getenv("GOGC"); v != "" {
		return v
	}
	return "100"
}

var peerModules = []string{
	"github.com/ThreeDotsLabs/watermill",
	"github.com/go-playground/validator/v10",
	"github.com/tinylib/msgp",
	"github.com/vmihailenco/msgpack/v5",
}
