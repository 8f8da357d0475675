package redisstream_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestUnavailableIsMatched wants contract.ErrBackendUnavailable of every call while the server is gone:
// of a spine that was bound before, of one that was not, and of one whose caller's time runs out.
func TestUnavailableIsMatched(t *testing.T) {
	t.Parallel()
	r := alone(t)
	bound, late := r.spineOn(r.open()), r.spineOn(r.open())
	r.ok(bound.Publish(r.ctx, &Step{}), "publish")
	r.server.Kill()
	hurry := func() (err error) { // on a loaded machine the time is sometimes over before a server was asked
		for range 100 {
			ctx, cancel := context.WithTimeout(r.ctx, 15*time.Millisecond)
			err = bound.Publish(ctx, &Step{})
			cancel()
			if errors.Is(err, contract.ErrBackendUnavailable) && errors.Is(err, context.DeadlineExceeded) {
				break
			}
		}
		return err
	}
	for name, err := range map[string]error{
		"publish":                 bound.Publish(r.ctx, &Step{}),
		"publish a batch":         bound.PublishBatch(r.ctx, []contract.Event{&Step{}, &Step{}}),
		"the first publish":       late.Publish(r.ctx, &Step{}),
		"publish with a deadline": hurry(),
		"health":                  bound.Health(r.ctx).Err,
	} {
		if !errors.Is(err, contract.ErrBackendUnavailable) {
			t.Errorf("%s: %v does not match ErrBackendUnavailable", name, err)
		}
	}
	if err := hurry(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a caller whose time is over gets %v", err)
	}
	invalid := bound.Publish(r.ctx, &Step{}, necro.WithID(contract.ID{}))
	if errors.Is(invalid, contract.ErrBackendUnavailable) || !strings.Contains(invalid.Error(), "the id is zero") {
		t.Errorf("a mistake of the caller gives %v", invalid)
	}
}

// spineOn returns a spine that publishes.
func (r *rig) spineOn(b *redisstream.Backend) *necro.Spine {
	r.Helper()
	s, err := necro.New(b, necro.WithLogger(nil))
	r.ok(err, "new")
	return s
}
