package backendtest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var limitTests = []test{
	{"FullBeforeAnyConsumerIsAnError", fullBeforeAnyConsumer},
	{"FullPublishWaits", fullPublishWaits},
	{"FullPublishDoesNotWaitWhenToldSo", fullPublishDoesNotWait},
	{"FullPublishEndsWithItsContext", fullPublishEnds},
	{"FullPublishOfABatchIsAllOrNone", fullPublishOfABatch},
	{"BatchOverTheLimitIsRefused", batchOverTheLimit},
	{"SettleNeverWaitsAtTheLimit", settleNeverWaits},
	{"ScheduledAndDeadAtTheLimit", scheduledAtTheLimit},
}

// fullBeforeAnyConsumer: no consumer has fetched, so that waiting would be for ever.
func fullBeforeAnyConsumer(e *env) {
	b := e.openLimit(4)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 4)...)
	for n := range int64(3) {
		since := time.Now()
		if _, err := b.Publish(e.ctx, encoded(e, b, messagesA(10, 10+n)), contract.PublishOptions{}); !errors.Is(err, contract.ErrFull) {
			e.Errorf("publish of %d: error %v, want %v", n+1, err, contract.ErrFull)
		}
		e.wantQuick("publish", since, e.units(5))
		same(e, "stored", stored(e.health(b, "all")), 4)
	}
	c.takes(1, 2, 3, 4)
}

// fullBackend returns a backend at its limit of 3, whose consumer has begun.
func (e *env) fullBackend() (contract.Backend, *consumer, []*contract.Delivery) {
	e.Helper()
	b := e.openLimit(3)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 3)...)
	return b, c, c.takes(1, 2)
}

func fullPublishWaits(e *env) {
	b, c, ds := e.fullBackend()
	var published atomic.Bool
	done := make(chan error, 1)
	go func() {
		_, err := b.Publish(e.ctx, encoded(e, b, messagesA(4, 4)), contract.PublishOptions{})
		published.Store(true)
		done <- err
	}()
	e.wait(e.units(2))
	if published.Load() {
		e.Error("publish did not wait")
	}
	c.ack(ds[0])
	e.ok(<-done, "publish")
	c.takes(3, 4)
}

func fullPublishDoesNotWait(e *env) {
	b, _, _ := e.fullBackend()
	if _, err := b.Publish(e.ctx, encoded(e, b, messagesA(4, 4)), contract.PublishOptions{NoWait: true}); !errors.Is(err, contract.ErrFull) {
		e.Errorf("publish: error %v, want %v", err, contract.ErrFull)
	}
	same(e, "stored", stored(e.health(b, "all")), 3)
}

func fullPublishEnds(e *env) {
	b, _, _ := e.fullBackend()
	ctx, cancel := e.during(e.units(2))
	defer cancel()
	if _, err := b.Publish(ctx, encoded(e, b, messagesA(4, 4)), contract.PublishOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		e.Errorf("publish: error %v, want the context's", err)
	}
	same(e, "stored", stored(e.health(b, "all")), 3)
}

// fullPublishOfABatch has room for one of two. A backend may wait for more or store both.
func fullPublishOfABatch(e *env) {
	b, c, ds := e.fullBackend()
	c.ack(ds[0])
	done := make(chan error, 1)
	go func() { done <- publishAll(e.ctx, b, encoded(e, b, messagesA(4, 5))) }()
	e.wait(e.units(2))
	if n := stored(e.health(b, "all")); n != 2 && n != 4 {
		e.Errorf("%d deliveries are stored, want 2 or 4", n)
	}
	c.ack(ds[1])
	e.ok(<-done, "publish")
	c.takes(3, 4, 5)
}

// batchOverTheLimit can never be stored as a whole: waiting would be for ever.
func batchOverTheLimit(e *env) {
	b, c, ds := e.fullBackend()
	c.ack(ds...)
	c.ack(c.takes(3)...)
	_, err := b.Publish(e.ctx, encoded(e, b, messagesA(4, 7)), contract.PublishOptions{})
	if !errors.Is(err, contract.ErrBatchTooLarge) && !errors.Is(err, contract.ErrFull) {
		e.Errorf("publish: error %v, want %v or %v", err, contract.ErrBatchTooLarge, contract.ErrFull)
	}
	same(e, "stored", stored(e.health(b, "all")), 0)
}

// settleNeverWaits, however far the emissions go over the limit.
func settleNeverWaits(e *env) {
	b, c, ds := e.fullBackend()
	since := time.Now()
	c.settles(ack(ds[0], messagesA(10, 19)...), retry(ds[1], 0))
	e.wantQuick("settle", since, e.units(50))
	same(e, "stored", stored(e.health(b, "all")), 12)
}

// scheduledAtTheLimit: a delivery that waits for its retry takes room, a dead letter does not.
func scheduledAtTheLimit(e *env) {
	b, c, ds := e.fullBackend()
	c.settles(retry(ds[0], e.units(50_000)))
	ctx, cancel := e.during(e.units(2))
	defer cancel()
	if _, err := b.Publish(ctx, encoded(e, b, messagesA(4, 4)), contract.PublishOptions{}); err == nil {
		e.Error("publish over the limit")
	}
	c.settles(bury(ds[1], contract.Death{Reason: contract.ReasonPermanent}))
	e.publish(b, messagesA(5, 5)...)
	c.takes(3, 5)
}
