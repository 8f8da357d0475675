package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/necrostack/necrogen/internal/check"
	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/load"
	"github.com/necrostack/necrogen/internal/write"
	"github.com/necrostack/necrogen/templates"
)

// The exit codes.
const (
	exitDone  = 0
	exitWrong = 1
	exitError = 2
)

const usage = `usage:
	necrogen [-json] [packages]        generate; the default is the package in this folder
	necrogen check [-json] [packages]  verify rules and generated files; writes nothing
	necrogen version                   print the version
`

// command is one call.
type command struct {
	ctx            context.Context
	dir            string
	stdout, stderr io.Writer
	json           bool
}

// main finds the verb. A package whose folder has the name of a verb is written ./check.
func (c *command) main(args []string) int {
	verb := ""
	if len(args) > 0 && (args[0] == "check" || args[0] == "version") {
		verb, args = args[0], args[1:]
	}
	patterns, err := c.parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return exitError
	case verb == "version" && len(patterns) > 0:
		return c.fail(errors.New("version takes no arguments"))
	case verb == "version":
		return c.version()
	}
	return c.packages(patterns, verb == "check")
}

// parse reads the flags; what is wrong with them it has told already.
func (c *command) parse(args []string) (patterns []string, err error) {
	flags := flag.NewFlagSet("necrogen", flag.ContinueOnError)
	flags.SetOutput(c.stderr)
	flags.Usage = func() { fmt.Fprint(c.stderr, usage) }
	flags.BoolVar(&c.json, "json", false, "write diagnostics as JSON")
	err = flags.Parse(args)
	return flags.Args(), err
}

// packages loads, checks and emits, and then writes or only compares.
func (c *command) packages(patterns []string, compare bool) int {
	topology, diags, err := load.Load(c.ctx, c.dir, patterns)
	if err != nil {
		return c.fail(err)
	}
	diags = append(diags, check.Check(topology)...)
	if len(diags) > 0 {
		return c.diagnose(diags)
	}
	changes, diags, err := write.Plan(topology, templates.Emit)
	switch {
	case err != nil:
		return c.fail(err)
	case compare:
		return c.compare(changes, diags)
	case len(diags) > 0:
		return c.diagnose(diags)
	}
	if err := write.Apply(changes); err != nil {
		return c.fail(err)
	}
	return c.diagnose(nil)
}

// compare prints what generating would change.
func (c *command) compare(changes []write.Change, diags []diag.Diagnostic) int {
	for _, change := range changes {
		diags = append(diags, change.Diagnostic())
		if !c.json {
			fmt.Fprintf(c.stdout, "%s", change.Diff(c.dir))
		}
	}
	return c.diagnose(diags)
}

// diagnose prints diagnostics: as text for people, or as JSON for tools, which then get an
// empty list when all is well.
func (c *command) diagnose(diags []diag.Diagnostic) int {
	var err error
	if c.json {
		err = diag.JSON(c.stdout, c.dir, diags)
	} else {
		err = diag.Text(c.stderr, c.dir, diag.Style{}, diags)
	}
	switch {
	case err != nil:
		return c.fail(err)
	case len(diags) > 0:
		return exitWrong
	}
	return exitDone
}

// version prints the version of the module that necrogen was built from.
func (c *command) version() int {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	fmt.Fprintf(c.stdout, "necrogen %s\n", version)
	return exitDone
}

func (c *command) fail(err error) int {
	fmt.Fprintf(c.stderr, "necrogen: %v\n", err)
	return exitError
}
