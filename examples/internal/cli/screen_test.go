package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/pty"
)

func TestScreen(t *testing.T) {
	var out, other bytes.Buffer
	s := NewScreen(&out)
	if NewScreen(s) != s {
		t.Error("a screen on a screen")
	}
	fmt.Fprint(s, "one\n")
	s.setBottom("50%")
	fmt.Fprint(s, "two\n")
	s.setBottom("60%")
	fmt.Fprint(s, "thr") // a line in parts is not cut by the bar
	s.setBottom("70%")
	fmt.Fprint(s, "ee\n")
	fmt.Fprint(s.Above(&other), "four\n")
	s.setBottom("")
	fmt.Fprint(s, "five\n")
	want := "one\n50%" + wipe + "two\n50%" + wipe + "60%" + wipe + "three\n70%" + wipe + "70%" + wipe + "five\n"
	if out.String() != want || other.String() != "four\n" {
		t.Errorf("got %q and %q, want %q", out.String(), other.String(), want)
	}
}

// TestProgressKeepsClear has log lines come amid a bar: none of them is behind the bar, and
// the bar is gone in the end.
func TestProgressKeepsClear(t *testing.T) {
	s := pty.Start(t, program("progress"))
	s.Expect("orders [", "50/100", "a line", "orders [", "done\n")
	if code := s.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for line := range strings.Lines(s.Transcript()) {
		stays := line[strings.LastIndex(line, wipe)+1:]
		if strings.Contains(stays, "orders") {
			t.Errorf("the bar stays: %q", line)
		}
	}
}

// progressProgram draws a bar, and logs until it was drawn on both sides of a line.
func progressProgram(stderr *Screen) {
	drawn := make(chan struct{}, 100)
	stop := Progress(stderr, "orders", 100, func() uint64 { drawn <- struct{}{}; return 50 })
	for range 3 {
		<-drawn
		fmt.Fprintln(stderr, "a line")
	}
	stop()
	fmt.Fprintln(stderr, "done")
}

func program(name string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(cmd.Environ(), programVariable+"="+name)
	return cmd
}
