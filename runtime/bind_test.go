package necro_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// unanswered is a backend whose Subscribe waits until its context ends.
func unanswered() necro.Backend {
	return intercept.New(memory.New(), intercept.Calls{
		Subscribe: func(ctx context.Context, _ necro.Backend, _ []contract.Subscription) ([]contract.Consumer, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	})
}

// slowToLeave is a backend whose consumers take ten seconds to close.
func slowToLeave() necro.Backend {
	return intercept.New(memory.New(), intercept.Calls{
		Leave: func(_ context.Context, c contract.Consumer) error {
			time.Sleep(10 * time.Second)
			return c.Close()
		},
	})
}

// neverLeaving is a backend whose consumers close only when the context of CloseWithin ends.
func neverLeaving() necro.Backend {
	return intercept.New(memory.New(), intercept.Calls{
		Leave: func(ctx context.Context, c contract.Consumer) error {
			<-ctx.Done()
			return c.Close()
		},
	})
}

// A stop ends two seconds after the grace period though no consumer is able to leave. The time that
// handlers took is not given again.
func TestStopIsBoundedByTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := necro.New(neverLeaving(), manyOrgans(20), necro.WithLogger(nil), necro.WithGrace(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Run(ctx) }()
			synctest.Wait()
			cancel()
			start := time.Now()
			if err := <-ended; err != nil {
				t.Errorf("run: %v", err)
			}
			if took := time.Since(start); took != 3*time.Second {
				t.Errorf("stopped in %s, want the grace period and 2s", took)
			}
		}
	})
}

// manyOrgans returns n organs that do nothing.
func manyOrgans(n int) necro.Option {
	list := make([]necro.Organ, n)
	for i := range list {
		list[i] = &organ{name: fmt.Sprint("organ", i), handle: nothing}
	}
	return necro.WithOrgans(list...)
}

// A publisher's deadline holds while Run of the same spine waits for a backend that does not answer.
func TestPublishKeepsItsDeadlineWhileRunBinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := necro.New(unanswered(), manyOrgans(1), necro.WithLogger(nil))
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- s.Run(t.Context()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := s.Publish(ctx, &ping{1}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("publish: %v, want %v", err, context.DeadlineExceeded)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("publish took %s, its deadline was 1s", took)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-ended; !errors.Is(err, necro.ErrClosed) {
			t.Errorf("run: %v, want %v", err, necro.ErrClosed)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("close waited %s for a backend that does not answer", took-time.Second)
		}
	})
}

// The consumers of all organs close at a time.
func TestStopTakesAsLongForManyOrgansAsForOne(t *testing.T) {
	for _, n := range []int{1, 20} {
		synctest.Test(t, func(t *testing.T) {
			s, err := necro.New(slowToLeave(), manyOrgans(n), necro.WithLogger(nil))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Run(ctx) }()
			synctest.Wait()
			cancel()
			start := time.Now()
			if err := <-ended; err != nil {
				t.Errorf("run: %v", err)
			}
			if took := time.Since(start); took != 10*time.Second {
				t.Errorf("%d organs stopped in %s, one consumer takes 10s", n, took)
			}
		})
	}
}
