package necro_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// loseThird returns an Extend that once releases the delivery with the number 3, and says that its lease is lost.
func loseThird(lost *bool) func(context.Context, contract.Consumer, []*contract.Delivery) ([]*contract.Delivery, error) {
	return func(ctx context.Context, inner contract.Consumer, ds []*contract.Delivery) ([]*contract.Delivery, error) {
		i := slices.IndexFunc(ds, func(d *contract.Delivery) bool { return d.Headers["n"] == "3" })
		if i < 0 || *lost {
			return inner.Extend(ctx, ds)
		}
		*lost = true
		if err := inner.Release(ctx, ds[i:i+1]); err != nil {
			return nil, err
		}
		if _, err := inner.Extend(ctx, slices.Delete(slices.Clone(ds), i, i+1)); err != nil {
			return nil, err
		}
		return ds[i : i+1], nil
	}
}

// organOfOneKey returns an organ with order=key that takes its time for each event, and notes the numbers of those that ran.
// All events have one key, so that no two of its handlers run at a time.
func organOfOneKey(ran *[]int) *organ {
	return &organ{name: "a", policy: contract.Policy{Order: necro.OrderKey, Concurrency: 4}, handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
		m, _ := necro.MetaFrom(ctx)
		n, _ := strconv.Atoi(m.Headers["n"])
		*ran = append(*ran, n)
		time.Sleep(1100 * time.Millisecond) // never at the moment of a renewal
		return nil
	}}
}

// TestALostLeaseIsNotPassed lets a delivery be lost that waits behind others of its key. Those behind it do not run
// before it comes again.
func TestALostLeaseIsNotPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := false
		b := intercept.New(memory.New(), intercept.Calls{
			Extend: loseThird(&lost),
		})
		var ran []int
		o := organOfOneKey(&ran)
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

// TestNoFetchBesideAHandBack lets events arrive while deliveries of their key are handed back, behind one whose lease was
// lost. A fetch beside the hand-back would bring the new ones first.
func TestNoFetchBesideAHandBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *necro.Spine
		lost := false
		var arrived atomic.Bool
		publish := func(from, to int) {
			for n := from; n < to; n++ {
				if err := s.Publish(t.Context(), &ping{}, necro.WithKey("k"), necro.WithHeader("n", fmt.Sprint(n))); err != nil {
					t.Error(err)
				}
			}
		}
		b := intercept.New(memory.New(), intercept.Calls{
			Extend: loseThird(&lost),
			Release: func(ctx context.Context, inner contract.Consumer, ds []*contract.Delivery) error {
				if !arrived.Swap(true) {
					publish(6, 10)
					time.Sleep(100 * time.Millisecond)
				}
				return inner.Release(ctx, ds)
			},
		})
		var ran []int
		o := organOfOneKey(&ran)
		var err error
		if s, err = necro.New(b, necro.WithOrgans(o), necro.WithLogger(nil), necro.WithLease(3*time.Second)); err != nil {
			t.Fatal(err)
		}
		publish(0, 6)
		if _, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; !arrived.Load() || !slices.Equal(ran, want) {
			t.Errorf("deliveries were handed back: %t; ran %v, want %v", arrived.Load(), ran, want)
		}
	})
}
