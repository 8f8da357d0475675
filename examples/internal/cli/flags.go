package cli

import (
	"flag"
	"fmt"
	"io"
)

// Parse reads flags wherever they stand, and returns the other arguments.
func Parse(flags *flag.FlagSet, args []string) (others []string, err error) {
	for err = flags.Parse(args); err == nil && flags.NArg() > 0; err = flags.Parse(flags.Args()[1:]) {
		others = append(others, flags.Arg(0))
	}
	return others, err
}

// WriteFlags lists flags for a help text, with two dashes and one line each.
func WriteFlags(w io.Writer, flags *flag.FlagSet) {
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "false" {
			usage += fmt.Sprintf(" (default %s)", f.DefValue)
		}
		fmt.Fprintf(w, "  %-24s %s\n", "--"+f.Name+" "+value, usage)
	})
}
