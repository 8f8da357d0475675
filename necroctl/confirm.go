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
	"github.com/necrostack/necrogen/internal/operate"
)

func confirmFlags(o *options, flags *flag.FlagSet) {
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would be done, and do nothing")
	flags.BoolVar(&o.yes, "yes", false, "do not ask")
}

// confirmAction prints the action that is about to run, and asks whether it should. Without a terminal to answer
// on the action does not run.
func (r *run) confirmAction(what string) bool {
	switch {
	case r.dryRun:
		r.printNote("would %s; this is a dry run", what)
		return false
	case r.yes:
		return true
	case !terminal.Is(r.in):
		r.printNote("would %s; nothing was done: add -yes to do it", what)
		return false
	}
	fmt.Fprintf(r.err, "%s%s? Type yes: ", strings.ToUpper(what[:1]), operate.OneLine(what[1:]))
	line, err := r.readLine()
	if err != nil { // the input ended without a yes, in the middle of the line
		fmt.Fprintln(r.err)
	}
	if line != "yes" {
		r.printNote("nothing was done")
	}
	return line == "yes"
}

// exitUnconfirmed returns the exit code of an action that was not confirmed. A dry run succeeds, because it has
// done all that it should.
func (r *run) exitUnconfirmed() int {
	if r.dryRun {
		return ExitDone
	}
	return ExitWrong
}

// readLine reads a line of the input, until ctx ends. Text that is typed after the end may be lost.
func (r *run) readLine() (string, error) {
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

// readSecret asks for a text that must not be shown on the screen. Where the input is no terminal it is its
// first line.
func (r *run) readSecret(prompt string) (string, error) {
	if f, ok := r.in.(*os.File); ok && terminal.Is(f) {
		show, err := hideTyping(f) // before the prompt, because its reader may type at once
		if err != nil {
			return "", err
		}
		defer fmt.Fprintln(r.err)
		defer show()
		fmt.Fprint(r.err, prompt)
	}
	return r.readLine()
}
