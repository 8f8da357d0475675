package main

import (
	"flag"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/necrostack/necrogen/internal/gen/advise"
	"github.com/necrostack/necrogen/internal/gen/analyzers"
	"github.com/necrostack/necrogen/internal/gen/vet"
)

func vetFlags(o *options, flags *flag.FlagSet) {
	jsonFlag(o, flags)
	flags.BoolVar(&o.fix, "fix", false, "mend what can surely be mended")
}

// runAnalyzers runs the analyzers, with this program as the tool of go vet.
func (c *command) runAnalyzers(patterns []string) int {
	tool, err := os.Executable()
	if err != nil {
		return c.tellFailure(err)
	}
	if c.fix {
		err = vet.Fix(c.ctx, c.dir, tool, patterns)
	}
	if err != nil {
		return c.tellFailure(advise.Failure(c.dir, err))
	}
	diags, err := vet.Run(c.ctx, c.dir, tool, patterns)
	code := c.printDiagnostics(diags)
	if err != nil {
		return c.tellFailure(advise.Failure(c.dir, err))
	}
	return code
}

// vetTool runs as the tool of go vet, which calls it to ask who it is, which flags it has, and
// then with a file that describes one package.
func vetTool(args []string) {
	if len(args) == 0 {
		return
	}
	if last := args[len(args)-1]; last == "-V=full" || last == "-flags" || strings.HasSuffix(last, ".cfg") {
		unitchecker.Main(analyzers.All()...) // exits
	}
}
