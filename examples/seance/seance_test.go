package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/diagram"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// TestMain keeps away from the Redis that whoever runs the tests may use.
func TestMain(m *testing.M) {
	os.Unsetenv(redisstream.EnvURL)
	os.Exit(m.Run())
}

func call(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errors bytes.Buffer
	code = runProgram(ctx, args, &out, &errors)
	return code, out.String(), errors.String()
}

// TestSeance asks in one night: the answers are the same on memory and on Redis.
func TestSeance(t *testing.T) {
	want, err := os.ReadFile("testdata/omens.txt")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--seed", "3", "Will it compile?", "Shall I rebase?"}
	for _, more := range [][]string{nil, {"--redis", redistest.Shared(t).URL()}} {
		code, stdout, stderr := call(t.Context(), append(args, more...)...)
		if code != cli.ExitDone || stderr != "" || stdout != string(want) {
			t.Errorf("%q: exit code %d, stderr %q\n%s", more, code, stderr, stdout)
		}
	}
	if _, stdout, _ := call(t.Context(), "--seed", "1313", "Will it compile?", "Shall I rebase?"); stdout == string(want) {
		t.Error("another night has the same answers")
	}
}

func TestStress(t *testing.T) {
	for _, args := range [][]string{{"--stress", "2000"}, {"--stress", "500", "--redis", redistest.Shared(t).URL()}} {
		code, stdout, stderr := call(t.Context(), args...)
		want := "Omens: " + map[string]string{"2000": "2,000", "500": "500"}[args[1]] + ". Shy spirits: "
		if code != cli.ExitDone || stderr != "" || !strings.HasPrefix(stdout, want) || strings.HasSuffix(stdout, ": 0.\n") {
			t.Errorf("%q: exit code %d, %s%s", args, code, stdout, stderr)
		}
	}
}

// startled ends a context when it hears the first omen.
type startled struct {
	bytes.Buffer
	once   sync.Once
	cancel func()
}

func (s *startled) Write(p []byte) (int, error) {
	s.once.Do(s.cancel)
	return s.Buffer.Write(p)
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var stderr bytes.Buffer
	stdout := &startled{cancel: cancel}
	code := runProgram(ctx, strings.Split(strings.Repeat("?", 50_000), ""), stdout, &stderr)
	told, asked := stdout.String(), strings.Count(stdout.String(), "Question")
	if code != cli.ExitInterrupted || stderr.String() != "seance: interrupted: who had been called was heard\n" {
		t.Errorf("exit code %d, %s", code, &stderr)
	}
	if asked == 0 || asked == 50_000 || !strings.Contains(told, "\nOmens: "+cli.Count(asked)+". Shy") {
		t.Errorf("%d of 50,000 were answered, and told\n%s", asked, told[max(0, len(told)-100):])
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{[]string{"--help"}, cli.ExitDone, "usage: seance", ""},
		{[]string{"--nosuch"}, cli.ExitUsage, "", "flag provided but not defined"},
		{[]string{"--log-format", "xml"}, cli.ExitUsage, "", `log format "xml": need text or json`},
		{[]string{"--redis", "redis://127.0.0.1:1"}, cli.ExitUsage, "", "seance: redis cannot be reached: is redis-server running?"},
		{[]string{""}, cli.ExitWrong, "Omens: 0.", "question: is required"},
		{nil, cli.ExitDone, "Question  Will it work in production?\n", ""},
	} {
		code, stdout, stderr := call(t.Context(), test.args...)
		if code != test.code || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
			t.Errorf("%q: exit code %d, %s%s", test.args, code, stdout, stderr)
		}
	}
}

func TestDiagram(t *testing.T) { diagram.Check(t) }
