package necroctl

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/necrostack/necrogen/internal/cli/terminal"
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
	line, err := r.line()
	if err != nil { // nobody has said yes, nor ended the line
		fmt.Fprintln(r.err)
	}
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

// line reads a line of the input, until ctx ends: then what is typed later may be lost.
func (r *run) line() (string, error) {
	if _, ok := r.in.(*bufio.Reader); !ok {
		r.in = bufio.NewReader(r.in)
	}
	var text string
	var err error
	read := make(chan struct{})
	go func() {
		defer close(read)
		text, err = r.in.(*bufio.Reader).ReadString('\n')
	}()
	select {
	case <-read:
	case <-r.ctx.Done():
		return "", r.ctx.Err()
	}
	if errors.Is(err, io.EOF) && text != "" {
		err = nil
	}
	return strings.TrimRight(text, "\r\n"), err
}

// secret asks for something that is not to be seen. Where the input is no terminal it is its
// first line.
func (r *run) secret(prompt string) (string, error) {
	if f, ok := r.in.(*os.File); ok && terminal.Is(f) {
		show, err := hide(f) // first: who sees the prompt may type
		if err != nil {
			return "", err
		}
		defer fmt.Fprintln(r.err)
		defer show()
		fmt.Fprint(r.err, prompt)
	}
	return r.line()
}
