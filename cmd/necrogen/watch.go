package main

import (
	"fmt"
	"time"

	"github.com/necrostack/necrogen/internal/gen/advise"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/watch"
	"github.com/necrostack/necrogen/internal/gen/write"
)

// watchFiles generates now, and again whenever a file is saved, until it is interrupted.
func (c *command) watchFiles(patterns []string) int {
	w, err := watch.New(c.ctx, c.dir)
	if err != nil {
		return c.tellFailure(advise.Failure(c.dir, err))
	}
	fmt.Fprintln(c.stdout, "watching; Ctrl-C ends it")
	for w.Wait(c.ctx, c.runRound(patterns)) {
	}
	return exitDone
}

// runRound generates once, and prints a line about it. It returns the files that it has written or
// removed itself.
func (c *command) runRound(patterns []string) (touched []string) {
	start := time.Now()
	p, err := c.planChanges(patterns)
	if err == nil && len(p.diags) == 0 {
		err = write.Apply(p.changes)
		for _, change := range p.changes {
			touched = append(touched, change.Path)
		}
	}
	if c.ctx.Err() != nil { // whatever else happened: it was interrupted
		return touched
	}
	took := time.Since(start)
	if err != nil {
		c.tellFailure(err)
	} else {
		c.printDiagnostics(p.diags)
	}
	fmt.Fprintf(c.stdout, "%s %s (%d ms)\n", start.Format(time.TimeOnly), c.summarizeRound(p, err), took.Milliseconds())
	return touched
}

// summarizeRound says in a few words what a round has come to.
func (c *command) summarizeRound(p plan, err error) string {
	mistakes := len(diag.Sort(p.diags))
	switch {
	case err != nil:
		return "failed"
	case mistakes > 0:
		return countNoun(mistakes, "mistake")
	case len(p.changes) == 0:
		return "nothing to do"
	case len(p.changes) == 1:
		return p.changes[0].Done(c.dir)
	}
	return "wrote " + countNoun(len(p.changes), "file")
}

func countNoun(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
