package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// TestApart stores notifications in one run, and has two others work on them at the same time.
func TestApart(t *testing.T) {
	server := redistest.Start(t)
	t.Setenv("NECRO_SMS_BACKOFF", "1ms..2ms")
	got := runArgs(t.Context(), nil, "--publish", "--stress", "100", "--redis", server.URL())
	got.Expect(t, cli.ExitDone, []string{"stored 100 notifications: 57 email 56 sms 54 push\n"}, nil)

	backend, err := cli.Open(t.Context(), server.URL(), "notifications", slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	if left := countWaiting(backend.Health(t.Context())); left != 200 {
		t.Errorf("%d deliveries wait, want one for the validator and one for the audit of each notification", left)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan outcome)
	for range 2 {
		go func() {
			ended <- runArgs(ctx, nil, "--work", "--failures", "0", "--latency", "0", "--redis", server.URL())
		}()
	}
	for end := time.Now().Add(time.Minute); countWaiting(backend.Health(t.Context())) > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the workers do not come to an end")
		}
	}
	stop()
	for range 2 {
		worker := <-ended
		worker.Expect(t, cli.ExitDone, nil, nil)
	}
	for _, o := range backend.Health(t.Context()).Organs {
		if o.Dead > 0 {
			t.Errorf("%s has %d dead letters", o.Organ, o.Dead)
		}
	}
}

func TestApartCannotRun(t *testing.T) {
	need := "--publish and --work need --redis redis://localhost:6379/0, or the URL in NECRO_REDIS_URL"
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--work"}, need},
		{[]string{"--publish"}, need},
		{[]string{"--work", "--redis", "redis://127.0.0.1:1"}, "redis cannot be reached"},
		{[]string{"--publish", "--work"}, "--publish has no prompt, and leaves --work to others"},
		{[]string{"--work", "mine.csv"}, "--work takes no notifications: it works on what --publish stores"},
		{[]string{"--publish", "--audit", "x"}, "--publish and --work write no --audit"},
	} {
		got := runArgs(t.Context(), nil, test.args...)
		got.Expect(t, cli.ExitUsage, nil, []string{test.want})
	}
	t.Setenv("NECRO_SMS_RETRIES", "3")
	got := runArgs(t.Context(), nil)
	got.Expect(t, cli.ExitUsage, nil, []string{"NECRO_SMS_RETRIES has no key of a policy"})
}
