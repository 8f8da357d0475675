package necro_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// pings takes batches of pings, and notes the numbers in their headers.
type pings struct {
	policy contract.Policy
	handle func(ctx context.Context, numbers []string, out *contract.BatchResults) error

	mu    sync.Mutex
	calls []string
}

func (p *pings) NecroOrgan() contract.OrganSpec {
	policy := p.policy
	policy.BatchCount, policy.BatchWait = 4, 50*time.Millisecond
	return contract.OrganSpec{Name: "pings", Path: "test", Policy: policy, Routes: []contract.Route{{
		Event: &pingType, Method: "Handle", Emits: []*contract.EventType{&heardType},
		HandleBatch: func(ctx context.Context, es []contract.Event, out *contract.BatchResults) error {
			metas, _ := necro.MetasFrom(ctx)
			var numbers []string
			for i := range es {
				numbers = append(numbers, metas[i].Headers["n"])
			}
			p.mu.Lock()
			p.calls = append(p.calls, strings.Join(numbers, " "))
			p.mu.Unlock()
			return p.handle(ctx, numbers, out)
		},
	}}}
}

// heardType is another event, so that a handler of pings emits no pings.
var heardType = contract.EventType{Name: "HEARD", Version: 1, New: func() contract.Event { return new(heard) }, Is: func(e contract.Event) bool { _, ok := e.(*heard); return ok }}

type heard struct{ ping }

func (*heard) NecroEvent() *contract.EventType { return &heardType }

// runPings publishes pings with numbers from 0 on, under the keys, and drains.
func runPings(t *testing.T, p *pings, n int, key func(i int) string, options ...necro.Option) (necro.Stats, *memory.Backend) {
	t.Helper()
	b := memory.New()
	options = append([]necro.Option{necro.WithOrgans(p), necro.WithLogger(nil)}, options...)
	s, err := necro.New(b, options...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		publish := []necro.PublishOption{necro.WithHeader("n", fmt.Sprint(i)), necro.WithID(necro.IDOf(fmt.Sprint(i)))}
		if key != nil {
			publish = append(publish, necro.WithKey(key(i)))
		}
		if err := s.Publish(t.Context(), &ping{}, publish...); err != nil {
			t.Fatal(err)
		}
	}
	stats, err := s.Drain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stats, b
}

func (p *pings) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(p.calls, want) {
		t.Errorf("calls %q, want %q", p.calls, want)
	}
}

var errSome = errors.New("some failed")

// TestFailedElementRunsAgainAlone: the others have succeeded, and run once.
func TestFailedElementRunsAgainAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pings{handle: func(_ context.Context, numbers []string, _ *contract.BatchResults) error {
			if i := slices.Index(numbers, "1"); i >= 0 && len(numbers) > 1 {
				return fmt.Errorf("insert: %w", necro.Failed{i: errSome})
			}
			return nil
		}}
		stats, _ := runPings(t, p, 6, nil)
		p.wantCalls(t, "0 1 2 3", "4 5", "1")
		if stats.Handled != 6 || stats.Retried != 1 {
			t.Errorf("%s", stats)
		}
	})
}

// TestFailedBatchRunsOneByOne: an error that names no element, a panic, a Goexit and a timeout spend no attempt of a batch.
func TestFailedBatchRunsOneByOne(t *testing.T) {
	for name, fail := range map[string]func(ctx context.Context, numbers []string) error{
		"error":     func(context.Context, []string) error { return errSome },
		"permanent": func(context.Context, []string) error { return necro.Permanent(errSome) },
		"outside":   func(_ context.Context, numbers []string) error { return necro.Failed{len(numbers): errSome} },
		"panic":     func(context.Context, []string) error { panic("some") },
		"goexit":    func(context.Context, []string) error { runtime.Goexit(); return nil },
		"timeout":   func(ctx context.Context, _ []string) error { <-ctx.Done(); return ctx.Err() },
	} {
		for _, concurrency := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/%d", name, concurrency), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					policy := contract.Policy{Retry: 1, Timeout: time.Second, Concurrency: concurrency}
					p := &pings{policy: policy, handle: func(ctx context.Context, numbers []string, _ *contract.BatchResults) error {
						if ctx.Err() != nil {
							t.Errorf("called with %v under a context that has ended", numbers)
						}
						if slices.Contains(numbers, "1") {
							return fail(ctx, numbers)
						}
						return nil
					}}
					stats, _ := runPings(t, p, 4, nil)
					if want := "0 1 2 3, 0, 1, 2"; !strings.HasPrefix(strings.Join(p.calls, ", "), want) { // then 3, with 2 when both were offered
						t.Errorf("calls %q, want %s", p.calls, want)
					}
					if stats.Handled != 3 || stats.Dead != 1 || stats.Retried != 0 {
						t.Errorf("%s", stats)
					}
				})
			})
		}
	}
}

// TestAbandonedBatchSpendsAnAttempt: a handler that hangs has spent one of each element, which run alone from then on.
func TestAbandonedBatchSpendsAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		policy := contract.Policy{Timeout: time.Second, Concurrency: 2, BackoffMin: time.Second, BackoffMax: time.Second}
		p := &pings{policy: policy, handle: func(_ context.Context, numbers []string, _ *contract.BatchResults) error {
			if len(numbers) == 4 {
				<-hang
			}
			return nil
		}}
		stats, _ := runPings(t, p, 4, nil, necro.WithGrace(time.Second))
		close(hang)
		p.wantCalls(t, "0 1 2 3", "0", "1", "2", "3")
		if stats.Handled != 4 || stats.Retried != 4 || stats.Abandoned != 1 {
			t.Errorf("%s", stats)
		}
	})
}

// TestResultsAreChildrenByPosition: ids and causes are those of events that are handled one by one, and nil emits nothing.
func TestResultsAreChildrenByPosition(t *testing.T) {
	emitted := func(together bool) map[necro.ID]string {
		found := map[necro.ID]string{}
		synctest.Test(t, func(t *testing.T) {
			p := &pings{handle: func(_ context.Context, numbers []string, out *contract.BatchResults) error {
				out.Expect(len(numbers))
				for i, n := range numbers {
					if n != "2" {
						out.Add(i, &heard{})
					}
				}
				return nil
			}}
			reader := &echoes{found: found}
			n := 0
			if together {
				n = 4
			}
			runPings(t, p, 4, nil, necro.WithOrgans(reader), necro.WithPolicy("pings", necro.Batch(n, time.Second)))
		})
		return found
	}
	one, together := emitted(false), emitted(true)
	if len(one) != 3 || fmt.Sprint(one) != fmt.Sprint(together) {
		t.Errorf("one by one %v, together %v", one, together)
	}
}

// echoes notes the ids of echoes with the number that their cause had.
type echoes struct{ found map[necro.ID]string }

func (o *echoes) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: "echoes", Path: "test", Routes: []contract.Route{{
		Event: &heardType, Method: "Handle", Handle: func(ctx context.Context, _ contract.Event, _ *contract.Emissions) error {
			m, _ := necro.MetaFrom(ctx)
			o.found[m.ID] = m.Headers["n"] + " of " + m.Causation.String()
			return nil
		},
	}}}
}

// TestWrongNumberOfResultsIsAnError: it says how many there have to be.
func TestWrongNumberOfResultsIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pings{policy: contract.Policy{Retry: 1}, handle: func(_ context.Context, _ []string, out *contract.BatchResults) error {
			out.Expect(3)
			return nil
		}}
		_, b := runPings(t, p, 2, nil)
		letters, err := b.DeadLetters(t.Context(), "pings", necro.ID{}, 9)
		const want = "the batch handler returned 3 results for 1 events: return one for each event, by position, and nil for one that emits nothing"
		if err != nil || len(letters) != 2 || letters[0].Error != want {
			t.Errorf("%v, %v", letters, err)
		}
	})
}

// TestOrderPutsOneEventOfAKeyInABatch: the second one of a key waits for the outcome of the first.
func TestOrderPutsOneEventOfAKeyInABatch(t *testing.T) {
	for _, concurrency := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			failed := false
			policy := contract.Policy{Order: necro.OrderKey, Concurrency: concurrency}
			var done []string
			p := &pings{policy: policy, handle: func(_ context.Context, numbers []string, _ *contract.BatchResults) error {
				var mod []int
				for _, n := range numbers {
					mod = append(mod, int(n[0])%2)
				}
				if slices.Sort(mod); len(slices.Compact(mod)) != len(numbers) {
					t.Errorf("a batch of %v has two events of a key", numbers)
				}
				if i := slices.Index(numbers, "0"); i >= 0 && !failed {
					failed = true
					return necro.Failed{i: errSome}
				}
				for _, n := range numbers {
					if int(n[0])%2 == 0 {
						done = append(done, n)
					}
				}
				return nil
			}}
			stats, _ := runPings(t, p, 6, func(i int) string { return fmt.Sprint(i % 2) })
			if stats.Handled != 6 || stats.Retried != 1 || !slices.Equal(done, []string{"0", "2", "4"}) {
				t.Errorf("%s, %q", stats, done)
			}
		})
	}
}

// TestBatchWaitsForMore: the first event waits for others, and no longer than it is told.
func TestBatchWaitsForMore(t *testing.T) {
	for _, concurrency := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			var at []time.Duration
			p := &pings{policy: contract.Policy{Concurrency: concurrency}, handle: func(context.Context, []string, *contract.BatchResults) error {
				at = append(at, time.Since(began))
				return nil
			}}
			s, err := necro.New(memory.New(), necro.WithOrgans(p), necro.WithLogger(nil))
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- s.Run(ctx) }()
			synctest.Wait()
			for i := range 6 {
				time.Sleep(10 * time.Millisecond)
				if err := s.Publish(t.Context(), &ping{}, necro.WithHeader("n", fmt.Sprint(i))); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
			stop()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			p.wantCalls(t, "0 1 2 3", "4 5")
			if want := []time.Duration{40 * time.Millisecond, 100 * time.Millisecond}; !slices.Equal(at, want) {
				t.Errorf("handled at %s, want %s", at, want)
			}
		})
	}
}

// TestLayersRunForEachElement: each with its own context and its own error, and one that does not call the next takes its event
// out of the batch.
func TestLayersRunForEachElement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		layer := func(next necro.HandlerFunc) necro.HandlerFunc {
			return func(ctx context.Context, e necro.Event) error {
				m, ok := necro.MetaFrom(ctx)
				necro.SetEmitHeader(ctx, "seen", m.Headers["n"])
				if m.Headers["n"] == "2" {
					return nil
				}
				err := next(ctx, e)
				seen = append(seen, fmt.Sprint(m.Headers["n"], " ", ok, " ", err))
				return err
			}
		}
		p := &pings{policy: contract.Policy{Retry: 1}, handle: func(ctx context.Context, numbers []string, out *contract.BatchResults) error {
			if _, ok := necro.MetaFrom(ctx); ok {
				t.Error("a batch handler has the envelope of one of its events")
			}
			for i := range numbers {
				out.Add(i, &heard{})
			}
			return necro.Failed{slices.Index(numbers, "1"): errSome}
		}}
		reader := &echoes{found: map[necro.ID]string{}}
		stats, _ := runPings(t, p, 4, nil, necro.WithOrgans(reader), necro.WithMiddleware(func(next necro.HandlerFunc) necro.HandlerFunc {
			around := layer(next)
			return func(ctx context.Context, e necro.Event) error {
				if _, echoed := e.(*heard); echoed {
					return next(ctx, e)
				}
				return around(ctx, e)
			}
		}))
		p.wantCalls(t, "0 1 3")
		if want := []string{"3 true <nil>", "1 true some failed", "0 true <nil>"}; !slices.Equal(seen, want) {
			t.Errorf("%q, want %q", seen, want)
		}
		if stats.Handled != 5 || stats.Dead != 1 || stats.Emitted != 2 {
			t.Errorf("%s", stats)
		}
	})
}

// TestNewRefusesBatchesThatCannotBe: strict order runs one delivery at a time.
func TestNewRefusesBatchesThatCannotBe(t *testing.T) {
	_, err := necro.New(memory.New(), necro.WithOrgans(&pings{}), necro.WithPolicy("pings", necro.Order(necro.OrderStrict)))
	if err == nil || !strings.Contains(err.Error(), "takes a batch, with order=strict") {
		t.Errorf("%v", err)
	}
}
