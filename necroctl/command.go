package necroctl

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/necrostack/necrogen/internal/cli/arguments"
	"github.com/necrostack/necrogen/runtime/contract"
)

// The exit codes of Run.
const (
	ExitDone  = 0 // it was done, or there is nothing wrong
	ExitWrong = 1 // something is wrong, or was not done for want of a yes
	ExitError = 2 // it could not run: arguments, or the backend
)

// Command is necroctl as a part of a program. The zero value is a command for Redis: it has the
// flags that say which backend and which namespace.
type Command struct {
	// Name is how the user calls it, for help and completion. Default necroctl.
	Name string
	// Backend is what the verbs work on; it is left open. Nil opens one for each call. A verb that needs more than a
	// contract.Backend, as contract.Admin or contract.Inspector, is an error on a backend that is none.
	Backend contract.Backend
	// Open opens what flags and environment name, where Backend is nil. Default [OpenRedis].
	Open Opener
	// Console serves the pages of the verb console; without it the verb is an error. console.Serve has what it needs.
	Console ConsoleServer
	// Schema returns what the verb schema prints; without it the verb is an error.
	Schema SchemaWriter
	// Stdin, Stdout and Stderr are those of the process where they are nil.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run does what the arguments say, and returns the exit code. Verbs that go on for ever end with ctx.
func (c *Command) Run(ctx context.Context, args []string) int {
	r := &run{ctx: ctx, name: cmp.Or(c.Name, "necroctl"), backend: c.Backend, open: c.Open, consoleServer: c.Console, schemaWriter: c.Schema, own: c.Backend == nil, in: c.Stdin, out: c.Stdout, err: c.Stderr}
	if r.open == nil {
		r.open = OpenRedis
	}
	if r.in == nil {
		r.in = os.Stdin
	}
	if r.out == nil {
		r.out = os.Stdout
	}
	if r.err == nil {
		r.err = os.Stderr
	}
	out := &written{w: r.out}
	r.out = out
	code := r.main(args)
	if out.err != nil && code != ExitError {
		return r.tellFailure(out.err)
	}
	return code
}

// written remembers that something could not be written, as to a disk that is full.
type written struct {
	w   io.Writer
	err error
}

func (w *written) Write(b []byte) (n int, err error) {
	if n, err = w.w.Write(b); err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

// run is one call.
type run struct {
	ctx     context.Context
	name    string
	backend contract.Backend
	open    Opener

	consoleServer ConsoleServer
	schemaWriter  SchemaWriter

	own  bool // opened here, by flags and environment
	in   io.Reader
	out  io.Writer
	err  io.Writer
	verb *verb
	options
}

// main finds the verb, which may have two words, and runs it.
func (r *run) main(args []string) int {
	v, rest, err := r.splitVerb(args)
	if v == nil {
		if err == nil {
			return r.showOverview()
		}
		return r.tellFailure(err)
	}
	r.verb = v
	flags := r.verbFlags(v)
	words, err := arguments.Parse(flags, rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return r.helpVerb(v)
	case err != nil:
		return r.tellMisuse(err)
	case len(words) < v.least || v.most >= 0 && len(words) > v.most:
		return r.tellMisuse(fmt.Errorf("%s takes %s", v.name, v.wordCount()))
	case v.local:
		return v.run(r, words)
	}
	if err := r.checkValues(); err != nil {
		return r.tellMisuse(err)
	}
	if r.own && r.snapshot == "" { // which stands for the backend
		if err := r.openBackend(); err != nil {
			return r.tellFailure(err)
		}
		defer r.backend.Close()
	}
	return v.run(r, words)
}

// splitVerb takes the verb out of the arguments. v is nil when there are no arguments, or -h alone.
func (r *run) splitVerb(args []string) (v *verb, rest []string, err error) {
	if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		return nil, nil, nil
	}
	for n := min(2, len(args)); n > 0; n-- {
		if v := findVerb(strings.Join(args[:n], " ")); v != nil {
			return v, args[n:], nil
		}
	}
	if strings.HasPrefix(args[0], "-") {
		return nil, nil, fmt.Errorf("the verb comes first, then flags: %s %s", r.name, "organs "+args[0])
	}
	return nil, nil, r.noVerb(args)
}

// verbFlags returns the flags of a verb.
func (r *run) verbFlags(v *verb) *flag.FlagSet {
	flags := flag.NewFlagSet(v.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main tells what is wrong
	if v.flags != nil {
		v.flags(&r.options, flags)
	}
	if !v.local && r.own {
		serverFlags(&r.options, flags)
	}
	return flags
}

// tellMisuse prints the mistake in the arguments, and the right form of the command.
func (r *run) tellMisuse(err error) int {
	r.tellFailure(err)
	fmt.Fprintf(r.err, "usage: %s\n", r.usageForm(r.verb))
	return ExitError
}

// tellFailure prints why the command could not run.
func (r *run) tellFailure(err error) int {
	if r.ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	r.printNote("%v", err)
	return ExitError
}

// exitCode returns exitDone, or prints why the command failed and returns the code of that.
func (r *run) exitCode(err error) int {
	if err != nil {
		return r.tellFailure(err)
	}
	return ExitDone
}
