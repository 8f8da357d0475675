package necro_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// ping is an event written by hand: the package's own tests do without the generator.
type ping struct{ n int }

var pingType = contract.EventType{
	Name: "PING", Version: 1,
	New: func() necro.Event { return new(ping) },
	Is:  func(e necro.Event) bool { p, ok := e.(*ping); return ok && p != nil },
}

func (*ping) NecroEvent() *contract.EventType          { return &pingType }
func (*ping) Validate() error                          { return nil }
func (p *ping) AppendMsgpack(b []byte) ([]byte, error) { return append(b, byte(p.n)), nil }
func (p *ping) ReadMsgpack(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return b, errors.New("no bytes")
	}
	p.n = int(b[0])
	return b[1:], nil
}

// organ handles pings with a function.
type organ struct {
	name   string
	policy contract.Policy
	handle func(ctx context.Context, e necro.Event, out *contract.Emissions) error
}

func (o *organ) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: o.name, Path: "test", Policy: o.policy, Routes: []contract.Route{{
		Event: &pingType, Method: "Handle", Handle: o.handle,
	}}}
}

func nothing(context.Context, necro.Event, *contract.Emissions) error { return nil }

func TestNewReportsEveryMistake(t *testing.T) {
	_, err := necro.New(memory.New(),
		necro.WithOrgans(&organ{name: "a", handle: nothing}, &organ{name: "a", handle: nothing}, &organ{name: "b"}),
		necro.WithPolicy("c", necro.Retry(0)),
		necro.WithPolicy("a", necro.Retry(0), necro.Backoff(2, 1)),
		necro.WithPolicy("b", necro.Order(necro.OrderStrict), necro.Concurrency(2)),
		necro.WithLease(0),
	)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"organ a is given twice", `WithPolicy("c"): no such organ; there are [a b]`,
		"Retry(0): need at least 1", "Backoff(2ns, 1ns)", "strict order needs concurrency 1",
		"no handler: was its code generated?", "WithLease(0s)",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	if _, err := necro.New(nil); err == nil {
		t.Error("a nil backend is taken")
	}
}

func TestOptionsWinOverDirectives(t *testing.T) {
	calls := 0
	o := &organ{name: "a", policy: contract.Policy{Retry: 2}, handle: func(context.Context, necro.Event, *contract.Emissions) error {
		calls++
		return errors.New("down")
	}}
	s, err := necro.New(memory.New(), necro.WithOrgans(o), necro.WithLogger(nil),
		necro.WithPolicy("a", necro.Retry(4), necro.Backoff(time.Microsecond, time.Microsecond)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context(), &ping{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Drain(t.Context()); err != nil || calls != 4 {
		t.Errorf("%d calls, want 4 (%v)", calls, err)
	}
}

func TestPublishFromAHandlerDoesNotWait(t *testing.T) {
	var inner error
	var s *necro.Spine
	o := &organ{name: "a", handle: func(ctx context.Context, e necro.Event, _ *contract.Emissions) error {
		if e.(*ping).n == 0 {
			inner = s.Publish(ctx, &ping{n: 1})
		}
		return nil
	}}
	s, err := necro.New(memory.New(memory.WithLimit(1)), necro.WithOrgans(o), necro.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context(), &ping{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Drain(t.Context()); err != nil || !errors.Is(inner, necro.ErrFull) {
		t.Errorf("publish from the handler: %v, want ErrFull; drain: %v", inner, err)
	}
}

// TestGoexitIsAFailure: a test's FailNow in a handler must not leave Drain waiting for ever.
func TestGoexitIsAFailure(t *testing.T) {
	var calls []int
	o := &organ{name: "a", policy: contract.Policy{BackoffMin: time.Microsecond, BackoffMax: time.Microsecond},
		handle: func(_ context.Context, e necro.Event, _ *contract.Emissions) error {
			calls = append(calls, e.(*ping).n)
			if len(calls) == 2 {
				runtime.Goexit()
			}
			return nil
		}}
	s, err := necro.New(memory.New(), necro.WithOrgans(o), necro.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PublishBatch(t.Context(), []necro.Event{&ping{1}, &ping{2}, &ping{3}}); err != nil {
		t.Fatal(err)
	}
	stats, err := s.Drain(t.Context())
	if err != nil || stats.Handled != 3 || stats.Retried != 1 || len(calls) != 4 {
		t.Errorf("calls %v, handled %d, retried %d, want three and one: %v", calls, stats.Handled, stats.Retried, err)
	}
}
