// Package arguments reads command lines as the commands of this repository have them: flags may stand anywhere,
// and a misspelt one is answered with the flag that was probably meant.
package arguments

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/necrostack/necrogen/internal/spelling"
)

// Parse reads flags wherever they stand among the words, up to "--".
func Parse(flags *flag.FlagSet, args []string) (words []string, err error) {
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return nil, suggestFlag(err, flags)
		}
		read := len(args) - flags.NArg()
		ended := read > 0 && args[read-1] == "--"
		args = flags.Args()
		if ended {
			return append(words, args...), nil
		}
		if len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	return words, nil
}

// suggestFlag adds the flag that was probably meant.
func suggestFlag(err error, flags *flag.FlagSet) error {
	_, name, _ := strings.Cut(err.Error(), "not defined: -")
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if near := spelling.Nearest(name, names); near != "" {
		return fmt.Errorf("%w; did you mean -%s?", err, near)
	}
	return err
}

// Print tells of flags, as help does.
func Print(w io.Writer, flags *flag.FlagSet) {
	flags.VisitAll(func(f *flag.Flag) {
		value, text := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "\t%-18s%s\n", strings.TrimSpace("-"+f.Name+" "+value), text)
	})
}
