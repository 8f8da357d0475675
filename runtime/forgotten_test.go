package necro_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// stray returns a message of an event that no organ handles.
func stray(name string) necro.Message {
	id := necro.NewID()
	return necro.Message{ID: id, Correlation: id, Type: &necro.EventType{Name: name, Version: 1}, Event: &ping{}}
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
			if err := b.Publish(t.Context(), []necro.Message{stray("STRAY")}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		if err := b.Publish(t.Context(), []necro.Message{stray("LATE")}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		stop()
		parked, dropped, idle := lines.with("events wait for an organ"), lines.with("events were let go"), lines.with("no process runs an organ")
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
