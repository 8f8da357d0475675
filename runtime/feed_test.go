package necro_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestALostLeaseIsNotPassed lets a delivery be lost that waits behind others of its key. Those behind it do not run
// before it comes again.
func TestALostLeaseIsNotPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := false
		b := intercept.New(memory.New(), intercept.Calls{
			Extend: func(ctx context.Context, inner contract.Consumer, ds []*contract.Delivery) ([]*contract.Delivery, error) {
				i := slices.IndexFunc(ds, func(d *contract.Delivery) bool { return d.Headers["n"] == "3" })
				if i < 0 || lost {
					return inner.Extend(ctx, ds)
				}
				lost = true
				return ds[i : i+1], inner.Release(ctx, ds[i:i+1])
			},
		})
		var ran []int
		o := &organ{name: "a", policy: contract.Policy{Order: necro.OrderKey, Concurrency: 4}, handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
			m, _ := necro.MetaFrom(ctx)
			n, _ := strconv.Atoi(m.Headers["n"])
			ran = append(ran, n)
			time.Sleep(time.Second)
			return nil
		}}
		s, err := necro.New(b, necro.WithOrgans(o), necro.WithLogger(nil), necro.WithLease(3*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 10 {
			if err := s.Publish(t.Context(), &ping{}, necro.WithKey("k"), necro.WithHeader("n", fmt.Sprint(n))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; !lost || !slices.Equal(ran, want) {
			t.Errorf("a lease was lost: %t; ran %v, want %v", lost, ran, want)
		}
	})
}
