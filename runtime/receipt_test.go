package necro_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// TestReceiptTellsDuplicates on each way to a backend: that of one message, that of many, and the middleware's, which may
// pass on messages in calls of their own.
func TestReceiptTellsDuplicates(t *testing.T) {
	oneByOne := necro.WithPublishMiddleware(func(next necro.PublishFunc) necro.PublishFunc {
		return func(ctx context.Context, msgs []necro.Message) error {
			for i := range msgs {
				if err := next(ctx, msgs[i:i+1]); err != nil {
					return err
				}
			}
			return nil
		}
	})
	for name, options := range map[string][]necro.Option{"plain": nil, "middleware": {oneByOne}} {
		t.Run(name, func(t *testing.T) {
			s, err := necro.New(memory.New(), append(options, necro.WithOrgans(&organ{name: "o", handle: nothing}))...)
			if err != nil {
				t.Fatal(err)
			}
			id := necro.NewID()
			for i, publish := range []func(...necro.PublishOption) error{
				func(o ...necro.PublishOption) error { return s.Publish(t.Context(), &ping{1}, o...) },
				func(o ...necro.PublishOption) error { return s.Publish(t.Context(), &ping{1}, o...) },
				func(o ...necro.PublishOption) error {
					return s.PublishBatch(t.Context(), []necro.Event{&ping{1}}, o...)
				},
			} {
				var r necro.Receipt
				if err := publish(necro.WithID(id), necro.WithReceipt(&r)); err != nil {
					t.Fatal(err)
				}
				if want := (necro.Receipt{ID: id, Duplicate: i > 0}); r != want {
					t.Errorf("call %d: receipt %v, want %v", i, r, want)
				}
			}
			if n := s.Stats().Published; n != 1 {
				t.Errorf("%d published, want 1", n)
			}
		})
	}
}

// TestMemoryOfAnIDIsChecked: a time that is none, and one that never ends.
func TestMemoryOfAnIDIsChecked(t *testing.T) {
	s := open(t, necro.WithOrgans(&organ{name: "o", handle: nothing}))
	for _, option := range []necro.PublishOption{
		necro.WithIDFor(necro.NewID(), 0), necro.WithIDFor(necro.NewID(), -time.Hour), necro.WithIDFor(necro.NewID(), math.MaxInt64), necro.WithIDFor(necro.ID{}, time.Hour),
	} {
		if err := s.Publish(t.Context(), &ping{1}, option); err == nil || !strings.Contains(err.Error(), "WithIDFor") {
			t.Errorf("error %v, want one of WithIDFor", err)
		}
	}
	err := s.PublishBatch(t.Context(), []necro.Event{&ping{1}, &ping{2}}, necro.WithIDFor(necro.NewID(), time.Hour))
	if err == nil || !strings.Contains(err.Error(), "WithIDFor is for one event") {
		t.Errorf("one id for two events: %v", err)
	}
}

// TestReceiptIsRefused where it would say nothing, and is left alone by an error.
func TestReceiptIsRefused(t *testing.T) {
	s := open(t, necro.WithOrgans(&organ{name: "o", handle: nothing}))
	untouched := necro.Receipt{ID: necro.NewID()}
	r := untouched
	if err := s.Publish(t.Context(), &ping{1}, necro.WithReceipt(nil)); err == nil || !strings.Contains(err.Error(), "WithReceipt") {
		t.Errorf("a nil receipt: %v", err)
	}
	err := s.PublishBatch(t.Context(), []necro.Event{&ping{1}, &ping{2}}, necro.WithReceipt(&r))
	if err == nil || !strings.Contains(err.Error(), "WithReceipt is for one event") || r != untouched {
		t.Errorf("a receipt of two events: %v, %v", err, r)
	}
}
