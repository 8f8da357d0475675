package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/necrostack/necrogen/internal/cli/terminal"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/write"
)

// printDiagnostics prints diagnostics: as text for people, or as JSON for tools, which then get an
// empty list when all is well.
func (c *command) printDiagnostics(diags []diag.Diagnostic) int {
	var err error
	if c.json {
		err = diag.JSON(c.stdout, c.dir, diags)
	} else {
		err = diag.Text(c.stderr, c.dir, diag.Style{Color: showsColor(c.stderr), Source: terminal.Is(c.stderr)}, diags)
	}
	switch {
	case err != nil:
		return c.tellFailure(err)
	case slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return !d.Info() }):
		return exitWrong
	}
	return exitDone
}

// printWritten prints the written files, when they are asked for.
func (c *command) printWritten(changes []write.Change) {
	if !c.verbose {
		return
	}
	for _, change := range changes {
		c.printNote(change.Done(c.dir))
	}
}

// printNote prints remarks that are no mistakes, if there are any.
func (c *command) printNote(text string) {
	if text != "" {
		fmt.Fprintf(c.stderr, "necrogen: %s\n", text)
	}
}

// showsColor says whether w is a terminal that shows colours, for users who want them (https://no-color.org). Old
// consoles of Windows print the codes; the new ones name themselves.
func showsColor(w any) bool {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	if runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" && os.Getenv("TERM") == "" {
		return false
	}
	return terminal.Is(w)
}
