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

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/cli/arguments"
)

// The exit codes of Run.
const (
	ExitDone  = 0 // it was done, or there is nothing wrong
	ExitWrong = 1 // something is wrong, or was not done for want of a yes
	ExitError = 2 // it could not run: arguments, or Redis
)

// Command is necroctl as a part of a program. The zero value is the command itself: it has the
// flags that say which Redis and which namespace.
type Command struct {
	// Name is how the user calls it, for help and completion. Default necroctl.
	Name string
	// Backend is what the verbs work on; it is left open. Nil opens one for each call.
	Backend *redisstream.Backend
	// Stdin, Stdout and Stderr are those of the process where they are nil.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run does what the arguments say, and returns the exit code. Verbs that go on for ever end with ctx.
func (c *Command) Run(ctx context.Context, args []string) int {
	r := &run{ctx: ctx, name: cmp.Or(c.Name, "necroctl"), backend: c.Backend, own: c.Backend == nil, in: c.Stdin, out: c.Stdout, err: c.Stderr}
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
		return r.fail(out.err)
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
	backend *redisstream.Backend
	own     bool // opened here, by flags and environment
	in      io.Reader
	out     io.Writer
	err     io.Writer
	verb    *verb
	options
}

// main finds the verb, which may have two words, and runs it.
func (r *run) main(args []string) int {
	v, rest, err := r.split(args)
	if v == nil {
		if err == nil {
			return r.overview()
		}
		return r.fail(err)
	}
	r.verb = v
	flags := r.flags(v)
	words, err := arguments.Parse(flags, rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return r.helpVerb(v)
	case err != nil:
		return r.misuse(err)
	case len(words) < v.least || v.most >= 0 && len(words) > v.most:
		return r.misuse(fmt.Errorf("%s takes %s", v.name, v.takes()))
	case v.local:
		return v.run(r, words)
	}
	if err := r.check(); err != nil {
		return r.misuse(err)
	}
	if r.own {
		if err := r.open(); err != nil {
			return r.fail(err)
		}
		defer r.backend.Close()
	}
	return v.run(r, words)
}

// split takes the verb out of the arguments. Without any, or with -h alone, there is none.
func (r *run) split(args []string) (v *verb, rest []string, err error) {
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

// flags returns the flags of a verb.
func (r *run) flags(v *verb) *flag.FlagSet {
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

// misuse tells what is wrong with the arguments, and what they should be.
func (r *run) misuse(err error) int {
	r.fail(err)
	fmt.Fprintf(r.err, "usage: %s\n", r.usage(r.verb))
	return ExitError
}

// fail tells why it could not run.
func (r *run) fail(err error) int {
	if r.ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	r.note("%v", err)
	return ExitError
}

// done is the exit code of what is done, or why it is not.
func (r *run) done(err error) int {
	if err != nil {
		return r.fail(err)
	}
	return ExitDone
}
