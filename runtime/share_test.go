package necro_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Jobs of these tests: the quick ones let batches grow, then the slow ones come in one batch. Memory hands out at most 64
// at a time.
const quickJobs, slowJobs = 31 * 64, 64

// slowing are processes whose organ is quick until its jobs take their time.
type slowing struct {
	*testing.T
	backend     contract.Backend
	concurrency int
	each        time.Duration // of a slow job
	handled     atomic.Int64
	slowed      chan struct{} // closed when the first slow job runs
	once        sync.Once
}

func (s *slowing) handle(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
	if m, _ := necro.MetaFrom(ctx); m.Headers["slow"] != "" {
		s.once.Do(func() { close(s.slowed) })
		time.Sleep(s.each)
	}
	s.handled.Add(1)
	return nil
}

func (s *slowing) process() *necro.Spine {
	policy := contract.Policy{Concurrency: s.concurrency}
	return spineOver(s.T, s.backend, necro.WithLogger(nil), necro.WithOrgans(&organ{name: "a", policy: policy, handle: s.handle}))
}

// start runs a process that has all slow jobs, and returns what stops it.
func (s *slowing) start() (stop func()) {
	p := s.process()
	if _, err := p.Drain(s.Context()); err != nil { // the organ is bound
		s.Fatal(err)
	}
	publish := func(n int, options ...necro.PublishOption) {
		events := make([]necro.Event, n)
		for i := range events {
			events[i] = &ping{}
		}
		if err := p.PublishBatch(s.Context(), events, options...); err != nil {
			s.Fatal(err)
		}
	}
	stop = runSpine(s.T, p)
	publish(quickJobs)
	synctest.Wait()
	publish(slowJobs, necro.WithHeader("slow", "yes"))
	<-s.slowed
	return stop
}

// await returns how long all jobs take from now on.
func (s *slowing) await() time.Duration {
	began := time.Now()
	for s.handled.Load() < quickJobs+slowJobs {
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

// TestSumOfHandlersIsShared: a process has fetched many jobs when they begin to take 90 ms each. None of them is slow by
// itself, but what waits behind all of them goes to the process that comes.
func TestSumOfHandlersIsShared(t *testing.T) {
	for _, concurrency := range []int{1, 4} {
		t.Run(fmt.Sprint("Concurrency=", concurrency), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slowing{T: t, backend: memory.New(), concurrency: concurrency, each: 90 * time.Millisecond, slowed: make(chan struct{})}
				stop := s.start()
				other := runSpine(t, s.process())
				alone := slowJobs * s.each / time.Duration(concurrency)
				if took := s.await(); took > alone*6/10+250*time.Millisecond {
					t.Errorf("two processes take %v for what one does in %v", took, alone)
				}
				stop()
				other()
			})
		})
	}
}

// TestLoneProcessSharesAtLittleCost: with no other process, what was handed back is fetched again, and not handed back and
// fetched for ever: a job costs a fetch and a release at most, whatever it takes.
func TestLoneProcessSharesAtLittleCost(t *testing.T) {
	for _, concurrency := range []int{1, 4} {
		for _, each := range []time.Duration{30 * time.Millisecond, 90 * time.Millisecond, 400 * time.Millisecond, 2 * time.Second} {
			t.Run(fmt.Sprint("Concurrency=", concurrency, "/", each), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var calls atomic.Int64
					b := intercept.New(memory.New(), intercept.Calls{
						Fetch: func(ctx context.Context, c contract.Consumer, limit int) ([]contract.Delivery, error) {
							calls.Add(1)
							return c.Fetch(ctx, limit)
						},
						Release: func(ctx context.Context, c contract.Consumer, ds []*contract.Delivery) error {
							calls.Add(1)
							return c.Release(ctx, ds)
						},
					})
					s := &slowing{T: t, backend: b, concurrency: concurrency, each: each, slowed: make(chan struct{})}
					stop := s.start()
					before := calls.Load()
					s.await()
					if n := calls.Load() - before; n > 2*slowJobs {
						t.Errorf("%d jobs cost %d calls of Fetch and Release", slowJobs, n)
					}
					stop()
				})
			})
		}
	}
}
