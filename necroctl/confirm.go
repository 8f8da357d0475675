package necroctl

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/necrostack/necrogen/internal/terminal"
)

func confirmFlags(o *options, flags *flag.FlagSet) {
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would be done, and do nothing")
	flags.BoolVar(&o.yes, "yes", false, "do not ask")
}

// confirmed tells what is about to be done, and asks whether it should. Where nobody can answer
// nothing is done.
func (r *run) confirmed(what string) bool {
	switch {
	case r.dryRun:
		r.note("would %s; this is a dry run", what)
		return false
	case r.yes:
		return true
	case !terminal.Is(r.in):
		r.note("would %s; nothing was done: -yes does it", what)
		return false
	}
	fmt.Fprintf(r.err, "%s%s? Type yes: ", strings.ToUpper(what[:1]), oneLine(what[1:]))
	line, _ := r.line() // at the end of the input nobody has said yes
	if line != "yes" {
		r.note("nothing was done")
	}
	return line == "yes"
}

// undone is the exit code of what was not confirmed: a dry run has done all that it should.
func (r *run) undone() int {
	if r.dryRun {
		return ExitDone
	}
	return ExitWrong
}

// line reads a line of the input.
func (r *run) line() (string, error) {
	if _, ok := r.in.(*bufio.Reader); !ok {
		r.in = bufio.NewReader(r.in)
	}
	line, err := r.in.(*bufio.Reader).ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

// secret asks for something that is not to be seen. Where the input is no terminal it is its
// first line.
func (r *run) secret(prompt string) (string, error) {
	if f, ok := r.in.(*os.File); ok && terminal.Is(f) {
		fmt.Fprint(r.err, prompt)
		defer fmt.Fprintln(r.err)
		show, err := hide(f)
		if err != nil {
			return "", err
		}
		defer show()
	}
	return r.line()
}
