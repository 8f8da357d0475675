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
	service string
	fix     bool

	info                bool
	maxDepth, maxFanOut uint64
	format, chain       string
	title, release      string
	accept, against     string
	finding             string
	from                string
	runs                int
	file                string
}

// main finds the verb. A package whose folder has the name of a verb is written ./check.
func (c *command) main(args []string) int {
	v, named, args := splitVerb(args)
	flags := c.verbFlags(v)
	words, err := arguments.Parse(flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp) && named:
		return c.helpVerb(v)
	case errors.Is(err, flag.ErrHelp):
		return c.showHelp(nil)
	case err != nil:
		return c.tellMisuse(v, err)
	case v.most >= 0 && len(words) > v.most:
		return c.tellMisuse(v, fmt.Errorf("%s takes %s", v.name, v.wordCount()))
	}
	return v.run(c, words)
}

// splitVerb takes the verb out of the arguments. Flags may stand before it and after it. Without a
// verb it is generate.
func splitVerb(args []string) (v *verb, named bool, rest []string) {
	i := slices.IndexFunc(args, func(a string) bool { return !strings.HasPrefix(a, "-") })
	if i >= 0 {
		if v := findVerb(args[i]); v != nil {
			return v, true, slices.Delete(slices.Clone(args), i, i+1)
		}
	}
	return findVerb("generate"), false, args
}

// verbFlags returns the flags of a verb.
func (c *command) verbFlags(v *verb) *flag.FlagSet {
	flags := flag.NewFlagSet(v.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main tells the fault
	if v.flags != nil {
		v.flags(&c.options, flags)
	}
	return flags
}

// tellMisuse tells the fault of the arguments, and their right form.
func (c *command) tellMisuse(v *verb, err error) int {
	c.tellFailure(err)
	fmt.Fprintf(c.stderr, "usage: %s\n", v.usageForm())
	return exitError
}

// tellFailure tells why it could not run.
func (c *command) tellFailure(err error) int {
	fmt.Fprintf(c.stderr, "necrogen: %v\n", err)
	return exitError
}
