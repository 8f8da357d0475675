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
	return stagedWork(url, func(n int) (run, leave func()) {
		s := newRedisSpine(url, options, necro.WithOrgans(&billing.Clerk{}), necro.WithMaxSteps(n))
		s.bindOrgan(later, (*order.Accepted)(nil).NecroEvent())
		s.publishOrders(n)
		return s.runUntilSettled, func() {
			s.expectWaiting(later, n)
			s.closeSpine()
		}
	})
}

// spineRedisChain is three organs, which emit to each other.
func spineRedisChain(url string) func() work {
	return stagedWork(url, func(n int) (run, leave func()) {
		organs := necro.WithOrgans(&billing.Desk{}, &shipping.Ramp{}, &ledger.Parcels{Count: ledger.NewCount()})
		s := newRedisSpine(url, nil, organs, necro.WithMaxSteps(3*n))
		s.publishOrders(n)
		return s.runUntilSettled, s.closeSpine
	})
}

// redisSpine is a spine over Redis, with all defaults but for the log.
type redisSpine struct {
	*necro.Spine
	backend *redisstream.Backend
}

func newRedisSpine(url string, options []redisstream.Option, more ...necro.Option) redisSpine {
	backend, err := redisstream.Open(url, append(options, redisstream.WithLogger(slog.New(slog.DiscardHandler)))...)
	checkError(err)
	return spineOver(backend, more...)
}

func spineOver(backend *redisstream.Backend, more ...necro.Option) redisSpine {
	spine, err := necro.New(backend, append(more, necro.WithLogger(nil))...)
	checkError(err)
	return redisSpine{spine, backend}
}

// later is an organ that never runs.
const later = "bench.Later"

// bindOrgan lets an organ have these events, and does not run it.
func (s redisSpine) bindOrgan(organ string, events ...*contract.EventType) {
	consumers, err := s.backend.Subscribe(context.Background(), []contract.Subscription{{
		Organ: organ, Path: modulePath + "/bench", Events: events, Lease: contract.DefaultLease,
		DeadLimit: contract.DefaultDeadLetters, DeadBytes: contract.DefaultDeadBytes,
	}})
	checkError(err)
	checkError(consumers[0].Close())
}

// publishOrders publishes n orders, as many in a call as it takes.
func (s redisSpine) publishOrders(n int) {
	sample := order.Sample()
	for batch := range slices.Chunk(slices.Repeat([]necro.Event{&sample}, n), 1000) {
		checkError(s.PublishBatch(context.Background(), batch))
	}
}

// runUntilSettled returns when as many deliveries are settled as the spine was told to handle.
func (s redisSpine) runUntilSettled() {
	if err := s.Run(context.Background()); !errors.Is(err, necro.ErrMaxSteps) {
		panic(err)
	}
}

// expectWaiting ends the program unless so many events wait for the organ, and none for others.
func (s redisSpine) expectWaiting(organ string, n int) {
	h := s.backend.Health(context.Background())
	checkError(h.Err)
	for _, o := range h.Organs {
		if o.Organ == organ && o.Ready != n || o.Organ != organ && o.Ready+o.Leased+o.Scheduled+o.Dead > 0 {
			panic(fmt.Sprintf("after %d events: %+v", n, h.Organs))
		}
	}
}

func (s redisSpine) closeSpine() {
	checkError(s.Close())
	checkError(s.backend.Close())
}
