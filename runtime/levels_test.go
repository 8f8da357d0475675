package necro_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

func TestLevelsSayWhatBecameOfADelivery(t *testing.T) {
	var out bytes.Buffer
	attempt := 0
	s := open(t, necro.WithLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		necro.WithOrgans(&organ{name: "o", handle: func(context.Context, necro.Event, *contract.Emissions) error {
			switch attempt++; attempt {
			case 1:
				return errors.New("not now")
			case 3:
				return necro.Permanent(errors.New("never"))
			}
			return nil
		}}), necro.WithPolicy("o", necro.Backoff(time.Nanosecond, time.Nanosecond)))
	drained(t, s)
	drained(t, s)
	for _, want := range []string{`level=WARN msg="failed, will be tried again"`, "level=DEBUG msg=handled", `level=ERROR msg="dead letter"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no line with %s in\n%s", want, &out)
		}
	}
}

// twiceHandled is an organ whose handler has a policy of its own.
type twiceHandled struct{ *organ }

func (o twiceHandled) NecroOrgan() contract.OrganSpec {
	spec := o.organ.NecroOrgan()
	spec.Routes[0].Policy = contract.Policy{Retry: 2}
	return spec
}

// TestPoliciesAreToldAtStart: each organ has one line with its policy, and with what its handlers have otherwise.
func TestPoliciesAreToldAtStart(t *testing.T) {
	var lines logLines
	own := twiceHandled{&organ{name: "own", handle: nothing}}
	s := open(t, necro.WithLogger(lines.logger(slog.LevelInfo)), necro.WithOrgans(quietOrgan("plain"), own, &counter{contract.Policy{}, addNumber}),
		necro.WithPolicy("plain", necro.Concurrency(4), necro.Breaker(5, 2*time.Minute)))
	stop := runSpine(t, s)
	defer stop()
	for !s.Running() || len(lines.with(`msg="organ runs"`)) < 3 {
		time.Sleep(time.Millisecond)
	}
	for _, want := range []string{
		`organ=plain policy="retry=5 backoff=100ms..30s onfail=dead maxhops=64 concurrency=4 breaker=5/2m"`,
		`organ=own policy="retry=5 backoff=100ms..30s onfail=dead maxhops=64 concurrency=1" handler.Handle="retry=2"`,
	} {
		if found := lines.with(want); len(found) != 1 || !strings.Contains(found[0], "level=INFO") {
			t.Errorf("%d lines with %s, want 1, in\n%s", len(found), want, strings.Join(lines.with("organ"), "\n"))
		}
	}
	// The order of an organ with a state is no matter of its handlers.
	if found := lines.with("organ=counter policy="); len(found) != 1 || strings.Contains(found[0], "handler.") {
		t.Errorf("the organ with a state: %q", found)
	}
}
