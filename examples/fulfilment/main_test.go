package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/backends/all"
	"github.com/necrostack/necrogen/examples/fulfilment/shop"
	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
)

// programVariable makes the test binary the program, for tests that kill it.
const programVariable = "FULFILMENT_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	if url := os.Getenv(workerVariable); url != "" {
		os.Exit(workOverBank(url, os.Getenv(gatewayVariable)))
	}
	os.Exit(m.Run())
}

// TestEveryOrderEnds runs the program over every engine, with orders that the bank declines, answers late and leaves
// unanswered, that want what is sold out, and that go where no carrier goes. A second run finds all of them ended. Which way an
// order ends depends on how long the machine lets it wait: memory, which is quick, has to show each of them.
func TestEveryOrderEnds(t *testing.T) {
	for name, url := range map[string]func(t *testing.T) string{
		"memory":   func(t *testing.T) string { return "memory" },
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "shop.db") },
		"redis":    func(t *testing.T) string { return redistest.Start(t).URL() },
		"postgres": func(t *testing.T) string { return postgrestest.Start(t).URL() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"--orders", "40", "--stock", "15", "--patience", "4s", "--backend", url(t), "--bank", filepath.Join(t.TempDir(), "bank")}
			var first, second bytes.Buffer
			if err := runCommand(t.Context(), args, &first, io.Discard); err != nil {
				t.Fatalf("%v\n%s", err, &first)
			}
			for _, want := range []string{"40 orders: ", "card declined", "not paid: exhausted", "no answer in time: payment", "sold out", "Atlantis"} {
				if name == "memory" && !strings.Contains(first.String(), want) {
					t.Errorf("nothing in the count says %q:\n%s", want, &first)
				}
			}
			if name == "memory" {
				return
			}
			if err := runCommand(t.Context(), args, &second, io.Discard); err != nil || second.String() != first.String() {
				t.Errorf("a second run counts otherwise: %v\n%swant\n%s", err, &second, &first)
			}
		})
	}
}

// program returns a process of the program.
func program(t *testing.T, args []string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), programVariable+"=1")
	cmd.Stderr = t.Output()
	return cmd
}

// TestKilled kills the program amid its work, each time when the bank has booked some more, and lets the last process end.
// Then every order has ended one of the two ways, as another process counts it. On a slow machine many orders are not answered
// in time, so that the bank may have nothing to book any more after the first kill.
func TestKilled(t *testing.T) {
	const orders, stock = 60, 30
	books := filepath.Join(t.TempDir(), "bank")
	url := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	args := []string{"--orders", "60", "--stock", "30", "--patience", "3s", "--lease", "500ms", "--backend", url, "--bank", books}
	for kill := range 3 {
		wanted := bookings(books) + 1 + rand.IntN(6)
		t.Logf("to be killed when the bank has booked %d times", wanted)
		if err := runUntil(t, args, func() bool { return bookings(books) >= wanted }); err != nil {
			continue
		}
		if kill == 0 {
			t.Fatalf("the program had ended before it was killed, with %d bookings", bookings(books))
		}
		break
	}
	if err := program(t, args).Run(); err != nil {
		t.Fatalf("the last program: %v", err)
	}
	c := countOutside(t, url, books, stock)
	if err := c.Check(); err != nil || !c.Ended(orders) || c.Cancelled == 0 {
		t.Errorf("%v: %d shipped, %d cancelled, open are %q, not adding up %q", err, c.Shipped, c.Cancelled, c.Open, c.Contradictory)
	}
}

// runUntil runs the program until the condition holds, and kills it then. The error is nil where the program ended by itself.
func runUntil(t *testing.T, args []string, condition func() bool) (err error) {
	t.Helper()
	cmd := program(t, args)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		err = cmd.Wait()
		close(ended)
	}()
	poll.Until(t, "neither the condition nor the end", func() bool {
		select {
		case <-ended:
			return true
		default:
			return condition()
		}
	})
	cmd.Process.Kill()
	<-ended
	return err
}

// bookings counts what the bank has booked.
func bookings(books string) int {
	text, _ := os.ReadFile(books)
	return bytes.Count(text, []byte("\n"))
}

// countOutside counts with a spine that runs no organ.
func countOutside(t *testing.T, url, books string, stock int) *shop.Count {
	t.Helper()
	backend, err := all.Open(t.Context(), url, all.Existing(), all.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	spine, err := necro.New(backend, necro.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	bank, err := shop.NewBank(books, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer bank.Close()
	c, err := shop.CountOrders(t.Context(), spine, bank, stock)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestArguments wants mistakes to be told, and help to be no mistake.
func TestArguments(t *testing.T) {
	for args, want := range map[string]int{"--help": 0, "--orders=-1": 2, "--patience=0s": 2, "--nosuch": 2, "order": 2, "--backend=sqlite:x.db": 2, "--backend=nosuch: --bank=x": 1} {
		var out bytes.Buffer
		err := runCommand(context.Background(), strings.Fields(args), &out, io.Discard)
		if got := exitCode(io.Discard, err); got != want {
			t.Errorf("%s exits with %d: %v", args, got, err)
		}
	}
}
