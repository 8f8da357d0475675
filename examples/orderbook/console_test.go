package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/internal/testkit/pty"
)

// program returns a command that is this program.
func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), programVariable+"=1")
	return cmd
}

// TestInteractiveSession has a person at a terminal: orders, the ladder, mistakes, a dead
// letter and its redrive.
func TestInteractiveSession(t *testing.T) {
	s := pty.Start(t, program("--interactive", "--latency", "0", "--failures", "0"))
	for _, step := range []struct {
		typed string
		shown []string
	}{
		{"BUY 100 AAPL @ 150.50", []string{"order 1: 100 shares wait in the book at 150.50\n"}},
		{"buy 1,000 aapl @149.75", []string{"order 2: 1,000 shares wait in the book at 149.75\n"}},
		{"as alice", nil},
		{"SELL 300 AAPL @ 151", []string{"order 3: 300 shares wait in the book at 151.00\n"}},
		{"SELL 60 AAPL MKT", []string{"order 4: filled, 60 shares sold\n"}},
		{"book aapl", []string{"AAPL: 3 open orders, last trade at 150.50\n",
			"        bids               price   asks\n",
			"                          151.00   300 (1)\n",
			"                      -- 0.50 --\n",
			"          40    (1)       150.50\n",
			"       1,000    (1)       149.75\n"}},
		{"SELL 50 TSLA MKT", []string{"order 5: cancelled, 0 of 50 shares sold\n"}},
		{"BUY 400 AAPL @ 151", []string{"order 6: 300 of 400 shares bought, 100 wait in the book at 151.00\n"}},
		{"trades", []string{"1 AAPL            60       150.50   you            alice\n", "2 AAPL           300       151.00   alice          alice\n"}},
		{"CANCEL 1", []string{"order 1: cancelled, 60 of 100 shares bought\n"}},
		{"CANCEL 1", []string{"order 1 is not open\n"}},
		{"BUY 1000000 AAPL @ 151", []string{"order 7: rejected: order value 151000000.00 is over 10000000.00\n"}},
		{"stats", []string{"orders   7: 2 filled, 2 cancelled, 1 rejected, 2 resting, 0 lost\n", "trades   2: 2 settled"}},
		{"dead", []string{"no dead letters\n"}},
		{"byu 1 AAPL MKT", []string{`there is no command "byu": did you mean BUY?`}},
		{"BUY AAPL", []string{"an order is written as BUY 100 AAPL @ 150.50, or SELL 50 TSLA MKT"}},
		{"BUY ten AAPL MKT", []string{`"ten" is not a number of shares`}},
		{"BUY 0 AAPL MKT", []string{"quantity: must be greater than 0"}},
		{"BUY 1 AAPL @ cheap", []string{`"cheap" is not a price such as 150.25`}},
		{"CANCEL AAPL", []string{`"AAPL" is not the number of an order: try CANCEL 1`}},
		{"book MSFT", []string{"there is no book for MSFT yet: an order opens it\n"}},
		{"help", []string{"BUY 100 AAPL @ 150.50", "redrive", "quit"}},
	} {
		s.Expect("orderbook> ")
		s.Type(step.typed)
		s.Expect(step.shown...)
	}
	s.Type("quit")
	s.Expect("Statistics", "orders   7: ")
	if code := s.ExitCode(); code != cli.ExitDone {
		t.Errorf("exit code %d", code)
	}
}

// TestInteractiveRedrive has a clearing house that refuses a trade, and takes it over when it
// comes again. In the end somebody presses Ctrl-C.
func TestInteractiveRedrive(t *testing.T) {
	s := pty.Start(t, program("--interactive", "--latency", "0", "--failures", "0.5", "--seed", "24"))
	for _, step := range [][]string{
		{"BUY 10 X @ 5", "order 1: "},
		{"SELL 10 X @ 5", "order 2: filled"},
		{"stats", "trades   1: 0 settled, 1 dead letters, 0 lost\n"},
		{"dead", "Trades not settled\n", "1 X              1 attempts: the clearing house refused the trade\n"},
		{"redrive", "trades that go to the clearing house again: 1\n"},
		{"stats", "trades   1: 1 settled, 0 dead letters, 0 lost\n"},
		{"dead", "no dead letters\n"},
	} {
		s.Expect("orderbook> ")
		s.Type(step[0])
		s.Expect(step[1:]...)
	}
	s.Expect("orderbook> ")
	s.CtrlC()
	s.Expect("Statistics", "trades   1: 1 settled, 0 dead letters, 0 lost\n", "orderbook: interrupted: what had been taken in was finished")
	if code := s.ExitCode(); code != cli.ExitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

// TestCommandsFromPipe has no terminal: there is no prompt, and a mistake counts.
func TestCommandsFromPipe(t *testing.T) {
	got := runArgs(t.Context(), strings.NewReader("buy 5 X @ 1\nsell 5 X @ 1\nnonsense\n"), "-interactive", "-failures", "0")
	got.Expect(t, cli.ExitWrong, []string{"order 2: filled, 5 shares sold\n", "orders   2: 2 filled"},
		[]string{"line 3: there is no command \"nonsense\": help lists them\n"})
	if strings.Contains(got.Stderr, "orderbook> ") || strings.Contains(got.Stderr, "The exchange is open") {
		t.Errorf("a prompt for nobody: %q", got.Stderr)
	}
}
