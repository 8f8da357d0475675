package main

import (
	"errors"
	"flag"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/lock"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/gen/write"
)

func lockFlags(o *options, flags *flag.FlagSet) {
	jsonFlag(o, flags)
	flags.StringVar(&o.accept, "accept", "", "take changes that break, for this reason")
	flags.StringVar(&o.finding, "finding", "", "with -accept: take the one finding of a saga that has this code, or this in its text")
}

func breakingFlags(o *options, flags *flag.FlagSet) {
	jsonFlag(o, flags)
	flags.StringVar(&o.against, "against", "", "the git revision: a tag, a branch or a commit")
}

// lockEvents writes the locks of packages, and begins those that are not there.
func (c *command) lockEvents(patterns []string) int {
	t, diags, err := c.loadChecked(patterns)
	if err == nil && c.finding != "" {
		return c.acceptFinding(t, diags)
	}
	if err != nil || len(diags) > 0 {
		return c.reportOutcome(diags, err)
	}
	changes, diags, err := lock.Plan(t, lock.Create, c.accept)
	if err == nil && len(diags) == 0 {
		err = write.Apply(changes)
	}
	return c.reportOutcome(diags, err)
}

// acceptFinding writes into a lock that a finding stays as it is, and reports those that are left.
func (c *command) acceptFinding(t *model.Topology, diags []diag.Diagnostic) int {
	if c.accept == "" {
		return c.tellMisuse(findVerb("lock"), errors.New("a finding is accepted for a reason: -accept \"why\""))
	}
	change, err := lock.AcceptFinding(t, diags, c.finding, c.accept)
	if err == nil {
		err = write.Apply([]write.Change{change})
	}
	return c.reportOutcome(lock.WithoutAccepted(t, diags), err)
}

// compareLocks compares with the locks of a revision.
func (c *command) compareLocks(patterns []string) int {
	if c.against == "" {
		return c.tellMisuse(findVerb("breaking"), errors.New("breaking needs a revision: -against REV"))
	}
	t, diags, err := c.loadChecked(patterns)
	if err != nil || len(diags) > 0 {
		return c.reportOutcome(diags, err)
	}
	return c.reportOutcome(lock.Against(c.ctx, t, c.dir, patterns, c.against))
}

// loadChecked loads packages, and checks their source.
func (c *command) loadChecked(patterns []string) (*model.Topology, []diag.Diagnostic, error) {
	t, diags, err := source.Load(c.ctx, c.dir, patterns)
	if err != nil {
		return nil, nil, err
	}
	return t, append(diags, lock.WithoutAccepted(t, check.Check(t))...), nil
}

// reportOutcome tells diagnostics, or why it could not run.
func (c *command) reportOutcome(diags []diag.Diagnostic, err error) int {
	if err != nil {
		return c.tellFailure(err)
	}
	return c.printDiagnostics(diags)
}
