package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/pty"
)

// programVariable turns this test into a program.
const programVariable = "CLI_TEST_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(programVariable) {
	case "progress":
		progressProgram(NewScreen(os.Stderr))
	case "shell":
		os.Exit(shellProgram())
	default:
		os.Exit(m.Run())
	}
}

// shellProgram is a shell at which one can say things, and have them said from behind.
func shellProgram() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	screen := NewScreen(os.Stderr)
	wrong, err := testShell(screen.Above(os.Stdout)).Run(ctx, os.Stdin, screen)
	fmt.Printf("%d wrong, %v\n", wrong, err)
	if ctx.Err() != nil {
		return ExitInterrupted
	}
	return ExitDone
}

func testShell(out io.Writer) *Shell {
	return &Shell{Prompt: "test> ", Commands: []Command{
		{"say", "WORDS", "say it", func(_ context.Context, rest string) error {
			_, err := fmt.Fprintln(out, "said:", rest)
			return err
		}},
		{"later", "", "say something when the prompt is back", func(context.Context, string) error {
			go fmt.Fprintln(out, "here I am")
			return nil
		}},
		{"fail", "", "fail", func(context.Context, string) error { return errors.New("this is wrong") }},
	}}
}

func TestShellWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	screen := NewScreen(&out)
	input := "say  hello there \n\n# a comment\nFAIL now\nsya it\nbook\nlat\nhelp\nquit\nsay more\n"
	wrong, err := testShell(screen).Run(t.Context(), strings.NewReader(input), screen)
	const want = `said: hello there
line 4: this is wrong
line 5: there is no command "sya": did you mean say?
line 6: there is no command "book": help lists them
line 7: there is no command "lat": did you mean later?
  say WORDS  say it
  later      say something when the prompt is back
  fail       fail
  help       list the commands
  quit       leave; so does Ctrl-D
`
	if wrong != 4 || err != nil || out.String() != want {
		t.Errorf("%d wrong, %v:\n%s", wrong, err, out.String())
	}
}

func TestShellEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	in, keep := io.Pipe() // nobody types
	defer keep.Close()
	why := errors.New("why")
	cancel(why)
	if _, err := new(Shell).Run(ctx, in, NewScreen(io.Discard)); err != why {
		t.Errorf("ended with %v, want %v", err, why)
	}
}

func TestShellAtTerminal(t *testing.T) {
	s := pty.Start(t, program("shell"))
	s.Expect("test> ")
	s.Type("say hello")
	s.Expect("said: hello\n", "test> ")
	s.Type("later")
	s.Expect("here I am\n", "test> ")
	s.Type("fial")
	s.Expect(`there is no command "fial": did you mean fail?`, "test> ")
	s.CtrlD()
	s.Expect("\n1 wrong, <nil>\n")
	if code := s.ExitCode(); code != ExitDone {
		t.Errorf("exit code %d", code)
	}
}

func TestShellInterrupted(t *testing.T) {
	s := pty.Start(t, program("shell"))
	s.Expect("test> ")
	s.CtrlC()
	s.Expect("^C\n0 wrong, interrupt signal received\n")
	if code := s.ExitCode(); code != ExitInterrupted {
		t.Errorf("exit code %d", code)
	}
}
