package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/necrostack/necrogen/internal/spelling"
)

// Command is what can be typed at a prompt: its name, in any case, and what Run is given,
// the rest of the line. A mistake that Run returns is shown, and the session goes on.
type Command struct {
	Name string
	Args string // for the list of commands: "SYMBOL"
	Help string // for the list, too
	Run  func(ctx context.Context, rest string) error
}

// Shell reads commands, one a line, and runs them, one after the other. It knows help and
// quit by itself.
type Shell struct {
	Prompt   string // "orderbook> "; shown when both sides are a terminal
	Commands []Command
}

// Run runs commands from in until quit or the end of the input (Ctrl-D), or until ctx ends (Ctrl-C), whose cause
// it then returns; the line that is being typed is forgotten. Mistakes go to screen, with the number of the line
// where no user types, and wrong is how many.
func (s *Shell) Run(ctx context.Context, in io.Reader, screen *Screen) (wrong int, err error) {
	typed := IsTerminal(in) && IsTerminal(screen)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	input := readLines(reading, in)
	for number := 1; ; number++ {
		if typed {
			screen.setBottom(s.Prompt)
		}
		line, err := input.nextLine(ctx)
		if err != nil {
			screen.endBottom()
			return wrong, inputEnd(err)
		}
		screen.setBottom("") // a user who pressed Enter is on the next line already
		err = s.runLine(ctx, line, screen)
		if errors.Is(err, errQuit) {
			return wrong, nil
		}
		if err != nil && ctx.Err() == nil {
			wrong++
			screen.printMistake(err, number, typed)
		}
	}
}

var errQuit = errors.New("quit")

// inputEnd returns why the input ended; its end is no mistake.
func inputEnd(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

func (s *Screen) printMistake(err error, line int, typed bool) {
	if typed {
		fmt.Fprintln(s, err)
		return
	}
	fmt.Fprintf(s, "line %d: %v\n", line, err)
}

// runLine runs one line. An empty one, and a comment, do nothing.
func (s *Shell) runLine(ctx context.Context, line string, screen *Screen) error {
	line = strings.TrimSpace(line)
	name, rest, _ := strings.Cut(line, " ")
	name = strings.ToLower(name)
	switch {
	case line == "", strings.HasPrefix(line, "#"):
		return nil
	case name == "help", name == "?":
		return s.listCommands(screen)
	case name == "quit", name == "exit":
		return errQuit
	}
	for _, c := range s.Commands {
		if strings.ToLower(c.Name) == name {
			return c.Run(ctx, strings.TrimSpace(rest))
		}
	}
	return s.unknownCommand(name)
}

// unknownCommand says that there is no such command, and which the user may have meant.
func (s *Shell) unknownCommand(name string) error {
	names := []string{"help", "quit"}
	for _, c := range s.Commands {
		names = append(names, c.Name)
	}
	near := spelling.Nearest(name, names)
	if near == "" {
		begins := func(n string) bool { return strings.HasPrefix(strings.ToLower(n), name) }
		if i := slices.IndexFunc(names, begins); i >= 0 {
			near = names[i]
		}
	}
	if near != "" {
		return fmt.Errorf("there is no command %q: did you mean %s?", name, near)
	}
	return fmt.Errorf("there is no command %q: help lists them", name)
}

// listCommands lists the commands.
func (s *Shell) listCommands(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	list := slices.Concat(s.Commands, []Command{
		{Name: "help", Help: "list the commands"},
		{Name: "quit", Help: "leave; so does Ctrl-D"},
	})
	for _, c := range list {
		fmt.Fprintf(t, "  %s\t%s\n", strings.TrimSpace(c.Name+" "+c.Args), c.Help)
	}
	return t.Flush()
}

// lines are the lines of an input that is read in the background, since a read from a
// terminal cannot be called off.
type lines struct {
	text chan string
	err  error // why there are no more, once text is closed
}

func readLines(ctx context.Context, in io.Reader) *lines {
	l := &lines{text: make(chan string)}
	go func() {
		defer close(l.text)
		scanner := bufio.NewScanner(in)
		for scanner.Scan() {
			select {
			case l.text <- scanner.Text():
			case <-ctx.Done():
				l.err = context.Cause(ctx)
				return
			}
		}
		l.err = cmp.Or(scanner.Err(), io.EOF)
	}()
	return l
}

func (l *lines) nextLine(ctx context.Context) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	select {
	case line, more := <-l.text:
		if !more {
			return "", l.err
		}
		return line, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
