package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/pty"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/necroctl"
	"github.com/necrostack/necrogen/runtime/contract"
)

// publish publishes events for who tails, until the context ends.
func publish(ctx context.Context, addr, password string) {
	ctl := necroctl.Command{Stdout: io.Discard, Stderr: io.Discard}
	for ctx.Err() == nil {
		ctl.Run(ctx, []string{"publish", "-park", "-redis", "redis://:" + password + "@" + addr, "SEEN", "{}"})
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestTerminal types what the command asks for: what it does then, and how it leaves the terminal.
func TestTerminal(t *testing.T) {
	server := redistest.Start(t)
	b, err := redisstream.Open(server.URL(), redisstream.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	var subs []contract.Subscription
	for _, name := range []string{"shop.Mail", "shop.Billing"} {
		subs = append(subs, contract.Subscription{Organ: name, Path: "example.com/shop", Events: []*contract.EventType{placed}})
	}
	if _, err := b.Subscribe(t.Context(), subs); err != nil {
		t.Fatal(err)
	}
	b.Close()
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	if err := client.ConfigSet(t.Context(), "requirepass", "tiger").Err(); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "necroctl")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	// start runs the command in a shell that outlives Ctrl-C, and then shows how it ended, and the
	// terminal's settings.
	start := func(t *testing.T, password, args string) *pty.Session {
		cmd := exec.Command("sh", "-c", "trap : INT; "+program+" "+args+"; echo exit code $?; stty -a")
		cmd.Env = append(os.Environ(), "NECRO_REDIS_URL="+server.URL(), "NECRO_REDIS_PASSWORD="+password)
		return pty.Start(t, cmd)
	}
	go publish(t.Context(), server.Addr(), "tiger")
	for _, c := range []struct {
		name, password, args string
		prompt               string
		answer               func(*pty.Session)
		want                 []string
	}{
		{"password", "", "organs -password", "Password: ", func(s *pty.Session) { s.Type("tiger") }, []string{"shop.Billing", "exit code 0"}},
		{"wrong password", "", "organs -password", "Password: ", func(s *pty.Session) { s.Type("tigers") }, []string{"redis refuses the user name or password", "exit code 2"}},
		{"no password", "", "organs -password", "Password: ", (*pty.Session).CtrlC, []string{"necroctl: interrupted", "exit code 2"}},
		{"end of input", "", "organs -password", "Password: ", (*pty.Session).CtrlD, []string{"read the password: EOF", "exit code 2"}},
		{"tail", "tiger", "tail", "{}", (*pty.Session).CtrlC, []string{"exit code 0"}},
		{"no", "tiger", "remove-organ shop.Mail", "0 dead letters? Type yes: ", func(s *pty.Session) { s.Type("no") }, []string{"nothing was done", "exit code 1"}},
		{"neither", "tiger", "remove-organ shop.Mail", "Type yes: ", (*pty.Session).CtrlC, []string{"nothing was done", "exit code 1"}},
		{"yes", "tiger", "remove-organ shop.Mail", "Remove organ shop.Mail with 0 deliveries", func(s *pty.Session) { s.Type("yes") }, []string{"exit code 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, c.password, c.args)
			s.Expect(c.prompt)
			c.answer(s)
			s.Expect(append(c.want, " echo ")...)
			if shown := s.Transcript(); strings.Contains(shown, "tiger") {
				t.Errorf("the password is shown:\n%s", shown)
			}
		})
	}
}
