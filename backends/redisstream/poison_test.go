package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestMain lets the binary of the tests be the process that a poisonous event kills.
func TestMain(m *testing.M) {
	if namespace := os.Getenv(victimNamespace); namespace != "" {
		os.Exit(victim(namespace, os.Getenv(victimFile)))
	}
	os.Exit(m.Run())
}

const (
	victimNamespace = "NECRO_TEST_NAMESPACE"
	victimFile      = "NECRO_TEST_FILE"

	poisonous = 250 // the number of the event that no process survives
)

// TestPoisonKillsItsProcess publishes an event that kills its process amid 499 that do not, and
// starts the process again until all is done. It dies once unsuspecting, once with a group of
// suspects, three times with the suspect alone, and then gives that one up.
func TestPoisonKillsItsProcess(t *testing.T) {
	t.Parallel()
	r := share(t)
	const n = 500
	r.bind(sub("victim", &Step{}))
	b := r.open()
	for i := 0; i < n; i += 100 {
		r.publish(b, steps(i, 100)...)
	}
	file := filepath.Join(t.TempDir(), "handled")
	deaths := 0
	for r.runVictim(file) {
		if deaths++; deaths > 8 {
			t.Fatalf("the process died %d times", deaths)
		}
	}
	same(r, "deaths", deaths, 5)

	letters, err := b.DeadLetters(r.ctx, "victim", contract.ID{}, 10)
	r.ok(err, "dead letters")
	if len(letters) != 1 || letters[0].Reason != contract.ReasonCrashed || number(&contract.Delivery{Message: letters[0].Message}) != poisonous {
		t.Errorf("dead letters: %+v, want the poisonous one, with reason %s", letters, contract.ReasonCrashed)
	}
	text, err := os.ReadFile(file)
	r.ok(err, "read what was handled")
	handled := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		handled[line] = true
	}
	same(r, "events handled", len(handled), n-1)
	same(r, "entries", r.len("q:victim"), 0)
}

// runVictim runs the process, and reports whether it was killed.
func (r *rig) runVictim(file string) bool {
	cmd := exec.CommandContext(r.ctx, os.Args[0])
	cmd.Env = append(os.Environ(), victimNamespace+"="+r.namespace, victimFile+"="+file, redisstream.EnvURL+"="+r.server.URL())
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	input, err := cmd.StdinPipe() // open as long as we live
	r.ok(err, "pipe")
	defer input.Close()
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == -1 && r.ctx.Err() == nil {
		return true
	}
	if err != nil {
		r.Fatalf("the process ended by itself: %v\n%s", err, &output)
	}
	return false
}

// victim is the whole process: it works until nothing is left, and returns the exit code.
func victim(namespace, file string) int {
	go func() { // it ends with who started it
		io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	if err := drain(namespace, file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func drain(namespace, file string) error {
	record, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer record.Close()
	b, err := redisstream.FromEnv(redisstream.WithNamespace(namespace))
	if err != nil {
		return err
	}
	defer b.Close()
	organ := newOrgan("victim", contract.Policy{}, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
		if s.N == poisonous {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			time.Sleep(time.Minute) // the signal is on its way
			return err
		}
		_, err := fmt.Fprintln(record, s.N)
		return err
	}))
	spine, err := necro.New(b, necro.WithOrgans(organ), necro.WithLease(300*time.Millisecond))
	if err != nil {
		return err
	}
	_, err = spine.Drain(context.Background())
	return err
}
