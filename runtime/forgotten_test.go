package necro_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// stray returns a message of an event that no organ handles.
func stray(name string) necro.Message {
	id := necro.NewID()
	return necro.Message{ID: id, Correlation: id, Type: &contract.EventType{Name: name, Version: 1}, Event: &ping{}}
}

// TestForgottenIsTold parks events until some are let go, and binds an organ that no process runs: a
// run warns of each once, and so does a Drain of the events.
func TestForgottenIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines logLines
		b := memory.New()
		if _, err := spineOver(t, b, necro.WithOrgans(quietOrgan("forgotten")), necro.WithLogger(nil)).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := spineOver(t, b, necro.WithOrgans(quietOrgan("o")), necro.WithLogger(lines.logger(slog.LevelInfo)))
		stop := runSpine(t, s)
		for range 20_001 { // more than a park holds
			if _, err := b.Publish(t.Context(), []necro.Message{stray("STRAY")}, contract.PublishOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		if _, err := b.Publish(t.Context(), []necro.Message{stray("LATE")}, contract.PublishOptions{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		stop()
		parked, dropped, idle := lines.with("events wait for an organ"), lines.with("events were dropped"), lines.with("no process runs an organ")
		if len(parked) != 2 || !strings.Contains(parked[0], "level=WARN") || !strings.Contains(parked[0], "event_type=STRAY") || !strings.Contains(parked[1], "event_type=LATE parked=1") {
			t.Errorf("parked: %q", parked)
		}
		if len(dropped) != 1 || !strings.Contains(dropped[0], "event_type=STRAY") {
			t.Errorf("let go: %q", dropped)
		}
		if len(idle) != 1 || !strings.Contains(idle[0], "organ=forgotten waiting=0") {
			t.Errorf("without a process: %q", idle)
		}

		var drained logLines
		if _, err := spineOver(t, b, necro.WithOrgans(quietOrgan("o")), necro.WithLogger(drained.logger(slog.LevelInfo))).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := drained.with("events wait for an organ"); len(got) != 2 {
			t.Errorf("Drain tells of parks: %q", got)
		}
	})
}

// TestPublisherIsNoConsumer publishes with a spine that has organs and does not run them: what it
// publishes waits for them, and no process counts as their consumer until Run.
func TestPublisherIsNoConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New()
		s := spineOver(t, b, necro.WithOrgans(quietOrgan("o")), necro.WithLogger(nil))
		wants := func(when string, ready, consumers int) {
			t.Helper()
			synctest.Wait()
			if o := b.Health(t.Context()).Organs[0]; o.Ready != ready || o.Consumers != consumers {
				t.Errorf("%s: %d ready and %d consumers, want %d and %d", when, o.Ready, o.Consumers, ready, consumers)
			}
		}
		for range 2 {
			if err := s.Publish(t.Context(), &ping{}); err != nil {
				t.Fatal(err)
			}
		}
		wants("published", 2, 0)
		stop := runSpine(t, s)
		wants("running", 0, 1)
		if err := s.Publish(t.Context(), &ping{}); err != nil {
			t.Fatal(err)
		}
		wants("published while it runs", 0, 1)
		stop()
		if err := s.Publish(t.Context(), &ping{}); err != nil {
			t.Fatal(err)
		}
		wants("stopped", 1, 0)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
