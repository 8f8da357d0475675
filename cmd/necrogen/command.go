package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/cli/arguments"
)

// The exit codes.
const (
	exitDone  = 0
	exitWrong = 1
	exitError = 2
)

// command is one call.
type command struct {
	ctx            context.Context
	dir            string
	stdout, stderr io.Writer
	options
}

// options are what the flags set. A verb has some of them.
type options struct {
	json    bool
	verbose bool
	module  string
	fix     bool

	info                bool
	maxDepth, maxFanOut uint64
	format, chain       string
	title, release      string
	accept, against     string
}

// main finds the verb. A package whose folder has the name of a verb is written ./check.
func (c *command) main(args []string) int {
	v, named, args := split(args)
	flags := c.flags(v)
	words, err := arguments.Parse(flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp) && named:
		return c.helpVerb(v)
	case errors.Is(err, flag.ErrHelp):
		return c.help(nil)
	case err != nil:
		return c.misuse(v, err)
	case v.most >= 0 && len(words) > v.most:
		return c.misuse(v, fmt.Errorf("%s takes %s", v.name, v.takes()))
	}
	return v.run(c, words)
}

// split takes the verb out of the arguments. Flags may stand before it and after it. Without a
// verb it is generate.
func split(args []string) (v *verb, named bool, rest []string) {
	i := slices.IndexFunc(args, func(a string) bool { return !strings.HasPrefix(a, "-") })
	if i >= 0 {
		if v := findVerb(args[i]); v != nil {
			return v, true, slices.Delete(slices.Clone(args), i, i+1)
		}
	}
	return findVerb("generate"), false, args
}

// flags returns the flags of a verb.
func (c *command) flags(v *verb) *flag.FlagSet {
	flags := flag.NewFlagSet(v.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main tells the fault
	if v.flags != nil {
		v.flags(&c.options, flags)
	}
	return flags
}

// misuse tells the fault of the arguments, and their right form.
func (c *command) misuse(v *verb, err error) int {
	c.fail(err)
	fmt.Fprintf(c.stderr, "usage: %s\n", v.usage())
	return exitError
}

// fail tells why it could not run.
func (c *command) fail(err error) int {
	fmt.Fprintf(c.stderr, "necrogen: %v\n", err)
	return exitError
}
