package engine

import (
	"errors"
	"math"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/batch"
)

// offerAfter is how long fetched deliveries wait behind running handlers before they are offered to other processes: in a
// batch since that began, and in a feed since they became ready. Batches are sized by what the handlers took before, so
// this happens when handlers take much longer than the ones before them did.
const offerAfter = 100 * time.Millisecond

// sight is where the watch saw a worker, and since when. A position holds the number of the batch, so a worker that begins
// another batch has moved, whatever its index is. Sights belong to the goroutine of the watch.
type sight struct {
	pos   batch.Position
	since int64
	began int64 // when the watch saw the batch first
}

// notePosition takes in where a worker is, and reports whether it has moved.
func (s *sight) notePosition(pos batch.Position, now int64) (moved bool) {
	if !s.pos.IsOfBatch(pos) {
		s.began = now
	}
	if moved = s.pos != pos; moved {
		s.pos, s.since = pos, now
	}
	return moved
}

// mayOffer reports whether other processes may run the deliveries that wait in this one. Where order counts they may
// not. Another process would run a later delivery of a key beside an earlier one here.
func (o *Organ) mayOffer() bool {
	return o.orderInEffect() == contract.OrderFirstAttempts && !o.isExclusive()
}

// offerRest offers the rest of the batch behind the delivery at pos to other processes, when the batch began
// offerAfter ago. It returns when to look again. The right to settle is held until the backend has the deliveries
// again: without it the worker could end the batch and fetch deliveries that are stored behind them. The watch itself
// never waits, neither for that right nor for the backend.
func (w *worker) offerRest(pos batch.Position, began, now int64) int64 {
	at := began + int64(offerAfter)
	switch {
	case pos.RestOffered() || !w.organ.mayOffer() || w.organ.Policy.Concurrency > 1: // the feed offers what is in it
		return math.MaxInt64
	case now < at:
		return at
	case !w.batch.TryLockSettling(): // the worker ends the batch, or a page of it is settled
		return now + int64(watchTick)
	}
	rest := w.batch.Offer(pos)
	if len(rest) == 0 {
		w.batch.UnlockSettling()
		return math.MaxInt64
	}
	w.run.keepers.Go(func() { // the watch has other handlers to look after
		defer w.batch.UnlockSettling() // the worker fetches nothing that is stored behind them before
		w.organ.offerDeliveries(w.run, pointersTo(rest))
	})
	return math.MaxInt64
}

// offerFed offers the deliveries in the feed to other processes, when every worker runs a handler for offerAfter, or
// a delivery has been ready for as long. It returns when to look again.
func (o *Organ) offerFed(r *Run, seen []sight, now int64) int64 {
	since := min(allSlowSince(seen), o.feed.oldestReady())
	if since == math.MaxInt64 || !o.mayOffer() {
		return math.MaxInt64
	}
	if at := since + int64(offerAfter); now < at {
		return at
	}
	if ds := o.feed.startOffer(); len(ds) > 0 {
		r.keepers.Go(func() {
			o.offerDeliveries(r, ds)
			o.feed.endOffer()
		})
	}
	return math.MaxInt64
}

// allSlowSince returns since when no worker has moved; never while one of them is idle. An idle worker takes the next
// delivery of the feed at once, so that nothing waits behind the others.
func allSlowSince(seen []sight) int64 {
	since := int64(math.MinInt64)
	for i := range seen {
		if seen[i].pos == batch.Idle {
			return math.MaxInt64
		}
		since = max(since, seen[i].since)
	}
	return since
}

// offerDeliveries offers deliveries to other processes. A consumer that cannot do so hands them back. When that fails
// their leases run out.
func (o *Organ) offerDeliveries(r *Run, ds []*contract.Delivery) {
	c, ok := o.consumer.(contract.OfferingConsumer)
	if !ok {
		o.handBack(r, ds)
		return
	}
	o.breaker.takeTrialBack()
	if err := c.Offer(r.Settling, ds); err != nil && !errors.Is(err, contract.ErrClosed) {
		r.NoteFailedCall(r.Settling, "offer", o.Name, err)
	}
}
