package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/clitest"
)

// runArgs runs the program with these arguments.
func runArgs(ctx context.Context, args ...string) clitest.Outcome {
	return clitest.Run(func(stdout, stderr io.Writer) int { return runProgram(ctx, args, stdout, stderr) })
}

// TestLedger takes away the file of a channel, and puts it back: what fails meanwhile is taken
// under the same key later, once.
func TestLedger(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	out, in := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() { ended <- runProgram(ctx, []string{"--ledger", dir}, in, io.Discard) }()
	said := make([]byte, 1000)
	n, err := out.Read(said)
	url := regexp.MustCompile(`(?m)^GATEWAY=(.*)$`).FindSubmatch(said[:n])
	if err != nil || url == nil {
		t.Fatalf("%v: %s", err, said[:n])
	}
	post := func(want int) {
		t.Helper()
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, string(url[1])+"/sms", strings.NewReader(`{"to": "+15550100001", "message": "Hello"}`))
		r.Header.Set("Idempotency-Key", "key")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("the gateway answers %s, want %d", answer.Status, want)
		}
	}
	file, away := filepath.Join(dir, "sms"), filepath.Join(dir, "away")
	if err := os.Rename(file, away); err != nil {
		t.Fatal(err)
	}
	post(http.StatusInternalServerError)
	if err := os.Rename(away, file); err != nil {
		t.Fatal(err)
	}
	post(http.StatusAccepted)
	post(http.StatusAccepted)
	stop()
	if code := <-ended; code != cli.ExitDone {
		t.Errorf("exit code %d", code)
	}
	if got, err := os.ReadFile(file); string(got) != "key +15550100001\n" {
		t.Errorf("the ledger has %q, %v", got, err)
	}
}

func TestCannotRun(t *testing.T) {
	runArgs(t.Context()).Expect(t, cli.ExitUsage, nil, []string{"gatewayd: need --ledger and a folder, and nothing else\ntry gatewayd --help\n"})
	runArgs(t.Context(), "--ledger", os.DevNull).Expect(t, cli.ExitUsage, nil, []string{"gatewayd: mkdir " + os.DevNull})
	runArgs(t.Context(), "--help").Expect(t, cli.ExitDone, []string{"usage: gatewayd --ledger folder", "--ledger folder"}, nil)
}
