package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/bench/order"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// crowdContests: what other organs of a process cost one that works, and what failing keys cost the
// others of an organ in key order. The clock runs until the last order is handled.
func crowdContests(url string) []contest {
	policy := contract.Policy{Order: necro.OrderKey, Retry: 3, BackoffMin: time.Millisecond, BackoffMax: time.Millisecond}
	calm := contestant{"the same with none failing", keyStep(url, 0, policy)}
	list := []contest{{
		name:    "redis-idle",
		title:   "redis: one order after the other for an organ among 200 that wait",
		ours:    contestant{"necro, 1 busy among 200 idle organs", inTurn(url, 200)},
		peers:   []peer{{contestant{"the same organ alone", inTurn(url, 0)}, speed(0.8)}},
		stretch: redisStretch, redis: true,
	}}
	for _, failing := range []int{1, 50, 1000} {
		list = append(list, contest{
			name:    fmt.Sprintf("redis-keys-%d", failing),
			title:   fmt.Sprintf("redis: order=key, %d of %d keys fail once", failing, orderKeys),
			ours:    contestant{fmt.Sprintf("necro, %d failing keys", failing), keyStep(url, failing, policy)},
			peers:   []peer{{calm, speed(0.67)}},
			stretch: redisStretch, redis: true,
		})
	}
	return list
}

// orderKeys is how many keys the orders have.
const orderKeys = 5000

// handOrgan is an organ as generated code would describe it.
type handOrgan struct{ spec contract.OrganSpec }

func (o handOrgan) NecroOrgan() contract.OrganSpec { return o.spec }

func organOf[E any, P interface {
	*E
	necro.Event
}](name string, policy contract.Policy, handle func(P) error) necro.Organ {
	return handOrgan{contract.OrganSpec{Name: name, Path: modulePath + "/bench", Policy: policy, Routes: []contract.Route{{
		Event: P(nil).NecroEvent(), Method: "Handle",
		Handle: func(_ context.Context, ev necro.Event, _ *contract.Emissions) error { return handle(ev.(P)) },
	}}}}
}

// crowdSpine is a spine with an organ that works, and others that wait.
func crowdSpine(url string, idle int, policy contract.Policy, handle func(*order.Placed) error, options ...redisstream.Option) redisSpine {
	organs := []necro.Organ{organOf("bench.Busy", policy, handle)}
	for i := range idle {
		organs = append(organs, organOf(fmt.Sprint("bench.Idle", i), contract.Policy{}, func(*order.Tick) error { return nil }))
	}
	return newRedisSpine(url, options, necro.WithOrgans(organs...))
}

// startSpine runs a spine until stop is called.
func (s redisSpine) startSpine() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() {
		cancel()
		checkError(<-done)
	}
}

// keyStep works off n orders, of which the first of each failing key fails once.
func keyStep(url string, failing int, policy contract.Policy) func() work {
	return stagedWork(url, func(n int) (run, leave func()) {
		failed, handled, done := map[string]bool{}, 0, make(chan struct{})
		for i := range failing {
			failed[keyOf(i)] = true
		}
		s := crowdSpine(url, 0, policy, func(o *order.Placed) error {
			if failed[o.OrderID] {
				delete(failed, o.OrderID)
				return errNotYet
			}
			if handled++; handled == n {
				close(done)
			}
			return nil
		})
		s.bindBusy(policy)
		s.storeKeys(n)
		stop := func() {}
		return func() {
				stop = s.startSpine()
				<-done
			}, func() {
				stop()
				s.closeSpine()
			}
	})
}

var errNotYet = errors.New("not yet")

func keyOf(i int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", i%orderKeys, i%orderKeys) }

// bindBusy lets the organ have its events in its order before it runs.
func (s redisSpine) bindBusy(policy contract.Policy) {
	consumers, err := s.backend.Subscribe(context.Background(), []contract.Subscription{{
		Organ: "bench.Busy", Path: modulePath + "/bench", Events: []*contract.EventType{(*order.Placed)(nil).NecroEvent()}, Order: policy.Order, Lanes: policy.Lanes,
		Lease: contract.DefaultLease, DeadLimit: contract.DefaultDeadLetters, DeadBytes: contract.DefaultDeadBytes,
	}})
	checkError(err)
	checkError(consumers[0].Close())
}

// storeKeys publishes n orders of as many keys as there are.
func (s redisSpine) storeKeys(n int) {
	events := make([]necro.Event, n)
	for i := range events {
		o := order.Sample()
		o.OrderID = keyOf(i)
		events[i] = &o
	}
	s.publishAll(events)
}

// inTurn publishes an order when the one before it is handled. The spine runs all the time.
func inTurn(url string, idle int) func() work {
	return func() work {
		next := make(chan struct{}, 1)
		namespace := redisstream.WithNamespace(fmt.Sprint("idle", idle)) // both contestants stay open
		s := crowdSpine(url, idle, contract.Policy{}, func(*order.Placed) error {
			next <- struct{}{}
			return nil
		}, namespace)
		stop := s.startSpine()
		time.Sleep(3 * time.Second) // until one read waits for all that idle
		sample := order.Sample()
		return work{
			run: func(n int) {
				for range n {
					checkError(s.Publish(context.Background(), &sample))
					<-next
				}
			},
			leave: func() {
				stop()
				s.closeSpine()
			},
		}
	}
}
