package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/necrostack/necrogen/internal/gen/advise"
	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/lock"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/gen/write"
	"github.com/necrostack/necrogen/templates"
)

func generateFlags(o *options, flags *flag.FlagSet) {
	jsonFlag(o, flags)
	flags.BoolVar(&o.verbose, "v", false, "print the files that are written")
}

// generateFiles writes missing and stale files, and removes orphaned ones.
func (c *command) generateFiles(patterns []string) int {
	p, err := c.planChanges(patterns)
	switch {
	case err != nil:
		return c.tellFailure(err)
	case advise.NoPackage(patterns, p.diags):
		return c.tellFailure(fmt.Errorf("%s is neither a verb nor a package%s", patterns[0], didYouMean(patterns[0])))
	case len(p.diags) > 0:
		return c.printDiagnostics(p.diags)
	}
	if err := write.Apply(p.changes); err != nil {
		return c.tellFailure(err)
	}
	c.printWritten(p.changes)
	var told []diag.Diagnostic
	if len(p.changes) > 0 {
		told = check.ClockChanges(p.topology)
	}
	switch {
	case !forPerson(c.options):
	case len(p.changes) == 0:
		c.printNote(advise.Nothing(c.dir, patterns, p.topology))
	default:
		c.printNote(advise.Tags(p.topology))
		c.printNote(advise.Sharing(p.topology))
	}
	return c.printDiagnostics(told)
}

// forPerson reports whether a person has typed the command: go generate sets GOFILE.
func forPerson(o options) bool { return !o.json && os.Getenv("GOFILE") == "" }

// checkFiles prints what generating would change.
func (c *command) checkFiles(patterns []string) int {
	p, err := c.planChanges(patterns)
	if err != nil {
		return c.tellFailure(err)
	}
	p.diags = append(p.diags, write.Unheard(p.topology, p.changes)...)
	if c.info {
		p.diags = append(p.diags, check.Unemitted(p.topology)...)
		p.diags = append(p.diags, check.ClockChanges(p.topology)...)
	}
	for _, change := range p.changes {
		p.diags = append(p.diags, change.Diagnostic())
		if !c.json {
			fmt.Fprintf(c.stdout, "%s", change.Diff(c.dir))
		}
	}
	return c.printDiagnostics(p.diags)
}

// plan lists the changes to make for some packages.
type plan struct {
	topology *model.Topology
	changes  []write.Change
	diags    []diag.Diagnostic
}

// planChanges loads, checks and emits. With a mistake anywhere nothing is emitted.
func (c *command) planChanges(patterns []string) (plan, error) {
	var p plan
	var err error
	p.topology, p.diags, err = source.Load(c.ctx, c.dir, patterns)
	if err != nil {
		return p, advise.Failure(c.dir, err)
	}
	p.diags = append(p.diags, lock.WithoutAccepted(p.topology, check.Check(p.topology))...)
	p.diags = append(p.diags, check.Bounds(p.topology, c.maxDepth, c.maxFanOut)...)
	if len(p.diags) > 0 {
		p.diags = advise.Unloaded(c.dir, patterns, p.diags)
		return p, advise.Failure(c.dir, nil)
	}
	if p.changes, p.diags, err = write.Plan(p.topology, templates.Emit); err != nil {
		return p, err
	}
	locks, broken, err := lock.Plan(p.topology, lock.Leave, "")
	p.changes, p.diags = append(p.changes, locks...), append(p.diags, broken...)
	return p, err
}
