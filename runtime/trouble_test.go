package necro_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/backendtest"
	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// logLines collects the lines of a logger.
type logLines struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *logLines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

// logger returns a logger whose lines have no time.
func (l *logLines) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 {
			return slog.Attr{}
		}
		return a
	}}))
}

// with returns the lines that hold a text.
func (l *logLines) with(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(l.out.String()), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return !strings.Contains(line, text) })
}

// runSpine runs a spine until stop is called.
func runSpine(t *testing.T, s *necro.Spine) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// quietOrgan returns an organ that does nothing.
func quietOrgan(name string) *organ {
	return &organ{name: name, handle: func(context.Context, necro.Event, *contract.Emissions) error { return nil }}
}

// TestTroubleIsToldOnce refuses many calls of two organs: one line says that trouble begins, one
// that it is over, though one organ has no event and its Fetch says nothing.
func TestTroubleIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines logLines
		faulty := backendtest.NewFaulty(memory.New(), backendtest.Plan{})
		faulty.Next(backendtest.OpFetch, slices.Repeat([]backendtest.Fault{backendtest.Refused}, 12)...)
		s := spineOver(t, faulty, necro.WithLogger(lines.logger(slog.LevelInfo)), necro.WithOrgans(quietOrgan("a"), quietOrgan("b")))
		stop := runSpine(t, s)
		time.Sleep(2 * time.Minute)
		if err := s.Health(t.Context()).Err; err != nil {
			t.Errorf("the backend answers, and health says %v", err)
		}
		stop()
		if begin := lines.with(`level=WARN msg="backend call failed"`); len(begin) != 1 || !strings.Contains(begin[0], "call=fetch") {
			t.Errorf("%d lines say that calls fail, want 1: %q", len(begin), begin)
		}
		if end := lines.with(`level=INFO msg="backend answers again"`); len(end) != 1 || !strings.Contains(end[0], "failed_calls=12") {
			t.Errorf("%d lines say that it is over, want 1: %q", len(end), end)
		}
		if run := lines.with(`msg="the spine has started its organs"`); len(run) != 1 || !strings.Contains(run[0], `organs="[a b]"`) {
			t.Errorf("what runs: %q", run)
		}
	})
}

// TestTroubleEndsWithTheCallThatFailed: a fetch that succeeds does not end the trouble of a settle.
func TestTroubleEndsWithTheCallThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines logLines
		faulty := backendtest.NewFaulty(memory.New(), backendtest.Plan{})
		faulty.Next(backendtest.OpSettle, slices.Repeat([]backendtest.Fault{backendtest.Refused}, 5)...)
		s := spineOver(t, faulty, necro.WithLogger(lines.logger(slog.LevelInfo)), necro.WithOrgans(quietOrgan("a")))
		for range 3 {
			if err := s.Publish(t.Context(), &ping{}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if begin, end := lines.with("backend call failed"), lines.with("answers again"); len(begin) != 1 || len(end) != 1 {
			t.Errorf("got %q and %q, want one of each", begin, end)
		}
	})
}

// TestBreakerIsTold wants a line when a breaker opens and one when it closes, however many trials
// fail between them, and the state in health meanwhile.
func TestBreakerIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines logLines
		failures := 5
		s := spineOver(t, memory.New(), necro.WithLogger(lines.logger(slog.LevelInfo)), necro.WithOrgans(&organ{name: "o", handle: func(context.Context, necro.Event, *contract.Emissions) error {
			if failures--; failures >= 0 {
				return errors.New("the bank is down")
			}
			return nil
		}}), necro.WithPolicy("o", necro.Breaker(2, time.Minute), necro.Retry(20), necro.Backoff(time.Millisecond, time.Millisecond)))
		stop := runSpine(t, s)
		if err := s.Publish(t.Context(), &ping{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if state := s.Health(t.Context()).Organs[0]; !state.Open {
			t.Errorf("the breaker is open, and health says %+v", state)
		}
		opens := time.Now().Add(-30 * time.Second)
		if h := s.Health(t.Context()).Backend.Organs[0]; h.OpenBreakers != 1 || h.Breaker.Failures != 2 ||
			h.Breaker.Since.Sub(opens).Abs() > time.Second || h.Breaker.Next.Sub(opens.Add(time.Minute)).Abs() > time.Second {
			t.Errorf("the breaker is open, and the backend says %+v", h)
		}
		time.Sleep(time.Hour)
		if h := s.Health(t.Context()).Backend.Organs[0]; h.OpenBreakers != 0 {
			t.Errorf("the breaker is closed, and the backend says %+v", h)
		}
		stop()
		opened := lines.with("breaker opened")
		if len(opened) != 1 || !strings.Contains(opened[0], "level=WARN") || !strings.Contains(opened[0], `organ=o pause=1m0s failures_in_a_row=2 error="the bank is down"`) {
			t.Errorf("opened: %q", opened)
		}
		if closed := lines.with("breaker closed"); len(closed) != 1 || !strings.Contains(closed[0], "level=INFO") || !strings.Contains(closed[0], "organ=o after=4m") {
			t.Errorf("closed: %q", closed)
		}
	})
}

// TestDeclinesSayWhatIsUnknown: an event without a handler and a version that is too new are told apart.
func TestDeclinesSayWhatIsUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		t    contract.EventType
		want string
	}{
		"version": {contract.EventType{Name: "PING", Version: 3}, `error="this program does not know version 3 of PING: it knows 1"`},
		"name":    {contract.EventType{Name: "PONG", Version: 1}, `error="no handler for PONG version 1 in this program"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lines logLines
				b := memory.New()
				s := spineOver(t, b, necro.WithLogger(lines.logger(slog.LevelInfo)), necro.WithOrgans(quietOrgan("o")), necro.WithDeclineLimit(time.Second))
				newer := pingType
				newer.Name, newer.Version = c.t.Name, c.t.Version
				_, err := b.Subscribe(t.Context(), []contract.Subscription{{Organ: "o", Path: "test", Lease: time.Minute, DeadLimit: 9, DeadBytes: 999, Events: []*contract.EventType{&newer, &pingType}}})
				if err != nil {
					t.Fatal(err)
				}
				id := necro.NewID()
				if _, err := b.Publish(t.Context(), []necro.Message{{ID: id, Correlation: id, Type: &newer, Event: &ping{}}}, contract.PublishOptions{}); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Drain(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := lines.with("msg=declined"); len(got) == 0 || !strings.Contains(got[0], c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}

// spineOver returns a spine over a backend.
func spineOver(t *testing.T, b necro.Backend, options ...necro.Option) *necro.Spine {
	t.Helper()
	s, err := necro.New(b, options...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
