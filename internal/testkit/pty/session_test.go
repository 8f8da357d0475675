package pty

import (
	"os/exec"
	"strings"
	"testing"
)

// TestSession has a shell that answers, is interrupted, and comes to the end of its input.
func TestSession(t *testing.T) {
	s := Start(t, exec.Command("sh", "-c", `trap 'echo interrupted' INT
		test -t 0 && test -t 2 && echo ready
		while :; do
			read -r line && echo "got $line" || { test $? -gt 128 || break; }
		done
		echo over >&2; exit 3`))
	s.Expect("ready")
	s.Type("hello")
	s.Expect("hello", "got hello\n")
	s.CtrlC()
	s.Expect("^C", "interrupted")
	s.CtrlD()
	s.Expect("over")
	if code := s.ExitCode(); code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
	if got := s.Transcript(); !strings.HasSuffix(got, "interrupted\nover\n") {
		t.Errorf("the session was %q", got)
	}
}
