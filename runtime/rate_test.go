package necro_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestRateIsKept works off 300 events with 100 a minute, by two processes: in no minute more than a tenth above that begin, and
// no token is wasted.
func TestRateIsKept(t *testing.T) {
	for _, concurrency := range []int{1, 4} {
		t.Run(fmt.Sprint("Concurrency=", concurrency), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := memory.New()
				var mu sync.Mutex
				var began []time.Time
				process := func() *necro.Spine {
					return spineOver(t, b, necro.WithLogger(nil), necro.WithOrgans(&organ{
						name: "a", policy: contract.Policy{Concurrency: concurrency, RateCount: 100, RatePer: time.Minute},
						handle: func(context.Context, necro.Event, *contract.Emissions) error {
							mu.Lock()
							defer mu.Unlock()
							began = append(began, time.Now())
							return nil
						},
					}))
				}
				s := process()
				stop, other := runSpine(t, s), runSpine(t, process())
				events := make([]necro.Event, 300)
				for i := range events {
					events[i] = &ping{}
				}
				if err := s.PublishBatch(t.Context(), events); err != nil {
					t.Fatal(err)
				}
				time.Sleep(175 * time.Second) // 290 tokens come in 174 s, and 10 are there
				synctest.Wait()
				stop()
				other()
				if len(began) != 300 {
					t.Errorf("%d of 300 have begun", len(began))
				}
				for i := range began {
					if i >= 110 && began[i].Sub(began[i-110]) < time.Minute {
						t.Fatalf("more than 110 begin within %v", began[i].Sub(began[i-110]))
					}
				}
			})
		})
	}
}
