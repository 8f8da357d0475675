package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// keepLeases renews the leases of the deliveries that are fetched and not settled, until done is closed. Those are in three
// places, which it asks one after the other: the batches of the workers, the pages of the settler, and the feed. A delivery that
// moves from one to the next meanwhile may be renewed twice, or not in this round. That is why a round comes every third
// of a lease.
//
// The same goroutine tells operators of the breaker, because workers must not wait for the backend.
func (o *Organ) keepLeases(r *Run, done <-chan struct{}) {
	ticker := time.NewTicker(o.engine.Lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-o.breaker.changed:
			o.tellBreaker(r)
			continue
		case <-ticker.C:
		}
		for _, w := range o.workers {
			w.keepLeases()
		}
		for _, piece := range o.settler.leasedPieces() {
			if ds := renewableOf(piece, 0); len(ds) > 0 {
				o.extendLeases(r, ds) // of those that are lost the settle will tell
			}
		}
		if waiting := o.feed.waitingTrusted(); len(waiting) > 0 {
			lost, _ := o.extendLeases(r, waiting)
			o.handBackFed(r, o.feed.dropLost(lost, o.orderInEffect() == contract.OrderKey))
		}
	}
}

// tellBreaker tells the backend, where operators look, whether the breaker is open in this process. A
// state that could not be told is told again with the next change: the log has it in any case.
func (o *Organ) tellBreaker(r *Run) {
	keeper, ok := o.consumer.(contract.BreakerConsumer)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Settling, o.engine.Lease/3)
	defer cancel()
	if err := keeper.TellBreaker(ctx, o.breaker.stateNow()); err != nil {
		r.NoteFailedCall(r.Settling, "tell of the breaker", o.Name, err)
	}
}

// keepLeases renews the leases of the deliveries that a worker has not settled, and cancels the handlers of
// deliveries that are lost. A suspect that waits, also for its turn to run alone, is left out, because renewing
// it would mark it as started.
func (w *worker) keepLeases() {
	leased := w.batch.Leased()
	ds := renewableOf(leased.Deliveries, leased.Started)
	if len(ds) == 0 {
		return
	}
	if lost, _ := w.organ.extendLeases(w.run, ds); len(lost) > 0 {
		w.batch.LoseLeases(leased, func(d *contract.Delivery) bool { return slices.Contains(lost, d) },
			func(c *deliveryContext) { c.cancelWith(errLeaseLost) })
		if g := w.givingUpAt(w.batch.Position()); g != nil && slices.ContainsFunc(lost, func(d *contract.Delivery) bool { return d.ID == g.id }) {
			g.cancelWith(errLeaseLost)
		}
	}
}

// renewableOf returns all but the suspects that are not marked as started: those from index marked on.
func renewableOf(batch []contract.Delivery, marked int) (ds []*contract.Delivery) {
	for i := range batch {
		if !batch[i].Suspect || i < marked {
			ds = append(ds, &batch[i])
		}
	}
	return ds
}

// errLeaseLost ends the context of a handler whose delivery belongs to another process now.
var errLeaseLost = errors.New("the lease of this delivery was lost")
