package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// namespace is where all keys of a run are.
const namespace = "chaos"

// role is what a child process is to do.
type role struct {
	kind    string // "worker" or "publisher"
	name    string
	url     string
	records string // the name of its file
	lease   time.Duration
	pace    time.Duration
	seed    uint64
}

// commandLine returns the arguments of the child.
func (o *role) commandLine() []string {
	return []string{
		o.kind, "-name", o.name, "-url", o.url, "-records", o.records,
		"-lease", o.lease.String(), "-pace", o.pace.String(), "-seed", strconv.FormatUint(o.seed, 10),
	}
}

// isRole reports whether a command line is that of a child.
func isRole(args []string) bool {
	return len(args) > 0 && (args[0] == "worker" || args[0] == "publisher")
}

// playRole is the whole program of a child; it returns the exit code. It stops when it is told
// to, and ends when its parent has ended, for then its standard input is closed.
func playRole(args []string) int {
	o := &role{kind: args[0]}
	flags := flag.NewFlagSet(o.kind, flag.ExitOnError)
	flags.StringVar(&o.name, "name", "", "")
	flags.StringVar(&o.url, "url", "", "")
	flags.StringVar(&o.records, "records", "", "")
	flags.DurationVar(&o.lease, "lease", 0, "")
	flags.DurationVar(&o.pace, "pace", 0, "")
	flags.Uint64Var(&o.seed, "seed", 0, "")
	flags.Parse(args[1:])
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	run := runWorker
	if o.kind == "publisher" {
		run = runPublisher
	}
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, o.kind+":", err)
		return 1
	}
	return 0
}
