package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/bench/billing"
	"github.com/necrostack/necrogen/bench/ledger"
	"github.com/necrostack/necrogen/bench/order"
	"github.com/necrostack/necrogen/bench/shipping"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// spineRedisStep is one organ. Its events are stored for another organ that runs nowhere.
func spineRedisStep(url string, options ...redisstream.Option) func() work {
	return staged(url, func(n int) (run, leave func()) {
		s := newRedisSpine(url, options, necro.WithOrgans(&billing.Clerk{}), necro.WithMaxSteps(n))
		s.bind(later, (*order.Accepted)(nil).NecroEvent())
		s.store(n)
		return s.run, func() {
			s.expect(later, n)
			s.leave()
		}
	})
}

// spineRedisChain is three organs, which emit to each other.
func spineRedisChain(url string) func() work {
	return staged(url, func(n int) (run, leave func()) {
		organs := necro.WithOrgans(&billing.Desk{}, &shipping.Ramp{}, &ledger.Parcels{Count: ledger.NewCount()})
		s := newRedisSpine(url, nil, organs, necro.WithMaxSteps(3*n))
		s.store(n)
		return s.run, s.leave
	})
}

// redisSpine is a spine over Redis, with all defaults but for the log.
type redisSpine struct {
	*necro.Spine
	backend *redisstream.Backend
}

func newRedisSpine(url string, options []redisstream.Option, more ...necro.Option) redisSpine {
	backend, err := redisstream.Open(url, append(options, redisstream.WithLogger(slog.New(slog.DiscardHandler)))...)
	check(err)
	spine, err := necro.New(backend, append(more, necro.WithLogger(nil))...)
	check(err)
	return redisSpine{spine, backend}
}

// later is an organ that never runs.
const later = "bench.Later"

// bind lets an organ have these events, and does not run it.
func (s redisSpine) bind(organ string, events ...*contract.EventType) {
	consumers, err := s.backend.Subscribe(context.Background(), []contract.Subscription{{
		Organ: organ, Path: modulePath + "/bench", Events: events, Lease: contract.DefaultLease,
		DeadLimit: contract.DefaultDeadLetters, DeadBytes: contract.DefaultDeadBytes,
	}})
	check(err)
	check(consumers[0].Close())
}

// store publishes n orders, as many in a call as it takes.
func (s redisSpine) store(n int) {
	sample := order.Sample()
	for batch := range slices.Chunk(slices.Repeat([]necro.Event{&sample}, n), 1000) {
		check(s.PublishBatch(context.Background(), batch))
	}
}

// run returns when as many deliveries are settled as the spine was told to handle.
func (s redisSpine) run() {
	if err := s.Run(context.Background()); !errors.Is(err, necro.ErrMaxSteps) {
		panic(err)
	}
}

// expect ends the program unless so many events wait for the organ, and none for others.
func (s redisSpine) expect(organ string, n int) {
	h := s.backend.Health(context.Background())
	check(h.Err)
	for _, o := range h.Organs {
		if o.Organ == organ && o.Ready != n || o.Organ != organ && o.Ready+o.Leased+o.Scheduled+o.Dead > 0 {
			panic(fmt.Sprintf("after %d events: %+v", n, h.Organs))
		}
	}
}

func (s redisSpine) leave() {
	check(s.Close())
	check(s.backend.Close())
}
