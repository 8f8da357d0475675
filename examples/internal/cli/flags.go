package cli

import (
	"errors"
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

// ParseOrHelp is Parse for a program: a user who asks for help is shown the usage and the flags, and the error
// is flag.ErrHelp. Other mistakes are for Misuse to tell.
func ParseOrHelp(flags *flag.FlagSet, args []string, usage string, stdout io.Writer) (others []string, err error) {
	flags.SetOutput(io.Discard)
	others, err = Parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		WriteFlags(stdout, flags)
	}
	return others, err
}

// Misuse tells the mistake in the arguments of a program, and where its help is.
func Misuse(w io.Writer, program string, err error) {
	fmt.Fprintf(w, "%s: %v\ntry %s --help\n", program, err, program)
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
