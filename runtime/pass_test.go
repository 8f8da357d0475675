package necro_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// counting wraps memory and counts what its consumers are asked for.
type counting struct {
	mu       sync.Mutex
	settles  int
	released []string // keys
}

// backend returns memory whose calls are counted in c.
func (c *counting) backend() necro.Backend {
	return intercept.New(memory.New(), intercept.Calls{
		Settle: func(ctx context.Context, inner contract.Consumer, outcomes []contract.Outcome) (contract.Results, error) {
			c.mu.Lock()
			c.settles++
			c.mu.Unlock()
			return inner.Settle(ctx, outcomes)
		},
		Release: func(ctx context.Context, inner contract.Consumer, ds []*contract.Delivery) error {
			c.mu.Lock()
			for _, d := range ds {
				c.released = append(c.released, d.Key)
			}
			c.mu.Unlock()
			return inner.Release(ctx, ds)
		},
	})
}

// TestAFailedKeyStopsNoOther lets events fail whose organ is in key order. Those of their key that
// were fetched with them go back; the others of the batch run on, and it is settled together.
func TestAFailedKeyStopsNoOther(t *testing.T) {
	const keys, rounds = 100, 6
	run := func(t *testing.T, failing int) (settles int, released []string) {
		synctest.Test(t, func(t *testing.T) {
			calls := &counting{}
			failed, ran := map[string]bool{}, map[string][]int{}
			policy := contract.Policy{Order: necro.OrderKey, Retry: 2, BackoffMin: time.Second, BackoffMax: time.Second}
			o := &organ{name: "a", policy: policy, handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
				m, _ := necro.MetaFrom(ctx)
				n, _ := strconv.Atoi(m.Headers["n"])
				if key, _ := strconv.Atoi(m.Key); key < failing && !failed[m.Key] {
					failed[m.Key] = true
					return errors.New("no")
				}
				ran[m.Key] = append(ran[m.Key], n)
				return nil
			}}
			s, err := necro.New(calls.backend(), necro.WithOrgans(o), necro.WithLogger(nil))
			if err != nil {
				t.Fatal(err)
			}
			for n := range keys * rounds {
				err := s.Publish(t.Context(), &ping{}, necro.WithKey(fmt.Sprint(n%keys)), necro.WithHeader("n", fmt.Sprint(n)))
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			for key, got := range ran {
				if len(got) != rounds || !slices.IsSorted(got) {
					t.Errorf("key %s ran as %v", key, got)
				}
			}
			settles, released = calls.settles, calls.released
		})
		return settles, released
	}
	alone, _ := run(t, 0)
	settles, released := run(t, keys/2)
	for _, key := range released {
		if n, _ := strconv.Atoi(key); n >= keys/2 {
			t.Fatalf("deliveries of keys that did not fail went back: %s", strings.Join(released, " "))
		}
	}
	if settles > 3*alone {
		t.Errorf("%d settles, %d where nothing fails", settles, alone)
	}
}
