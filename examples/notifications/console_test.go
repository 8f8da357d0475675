package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/internal/testkit/pty"
)

// TestPrompt has a session through a pipe: sends, mistakes, a dead letter, its redrive.
func TestPrompt(t *testing.T) {
	script := strings.Join([]string{
		"send ada email|push Hello Ada", "urgent dave sms Come at once", "wait", "dead", "send bob", "send bob fax Hello", "redrive", "redrive moon",
		"wait", "stats", "gateway sideways", "help", "quit",
	}, "\n")
	got := runArgs(t.Context(), strings.NewReader(script), "--interactive", "--failures", "0", "--latency", "0")
	got.Expect(t, cli.ExitWrong, []string{
		"1: email sent to ada@example.com\n", "1: completed\n", "         2 sms    +15550100013             1 attempt: the gateway answered 403", "1 dead letter\n",
		"1 dead letter sent again\n", "breaker", "asked    2 notifications: 1 completed, 1 with dead letters, 0 rejected, 0 lost\n",
	}, []string{
		"line 5: need a user, channels and a message", "line 6: NOTIFICATION_REQUESTED is invalid: channels[0]: must be one of email, sms, push",
		`line 8: there is no organ "moon"`, "line 11: need up or down", "  redrive [ORGAN]",
	})
}

// TestTerminal has a session at a terminal: without files there is a prompt. The gateway goes
// down, the breaker opens, the gateway comes back, and what waited is sent.
func TestTerminal(t *testing.T) {
	cmd := exec.Command(os.Args[0], "--failures", "0", "--latency", "0", "--log-level", "error")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	s := pty.Start(t, cmd)
	s.Expect("notify> ")
	s.Type("gateway down")
	s.Expect("notify> ")
	for range 5 {
		s.Type("send ada sms Hello")
		s.Expect("notify> ")
	}
	for range 100 {
		s.Type("stats")
		s.Expect("breaker", "delivery_audit", "notify> ")
		if strings.Contains(s.Transcript(), " open") {
			break
		}
	}
	if !strings.Contains(s.Transcript(), " open") {
		t.Errorf("the breaker did not open:\n%s", s.Transcript())
	}
	s.Type("gateway up")
	s.Expect("sms sent to +15550100001 at attempt", "completed")
	s.Type("wait")
	s.Type("quit")
	s.Expect("asked    5 notifications: 5 completed, 0 with dead letters, 0 rejected, 0 lost\n")
	if code := s.ExitCode(); code != cli.ExitDone {
		t.Errorf("exit code %d", code)
	}
}

// TestTerminalInterrupted: Ctrl-C finishes what was taken in, and the report is written.
func TestTerminalInterrupted(t *testing.T) {
	cmd := exec.Command(os.Args[0], "--failures", "0", "--latency", "200ms")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	s := pty.Start(t, cmd)
	s.Expect("notify> ")
	s.Type("sample")
	s.Expect("sent to")
	s.CtrlC()
	s.Expect("asked    10 notifications: 8 completed, 1 with dead letters, 1 rejected, 0 lost\n", "interrupted: what had been taken in was finished")
	if code := s.ExitCode(); code != cli.ExitInterrupted {
		t.Errorf("exit code %d", code)
	}
}
