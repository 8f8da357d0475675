package engine

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/batch"
)

// watchTick is how long a finished outcome may wait behind a handler that takes its time,
// and how exact a timeout is.
const watchTick = 2 * time.Millisecond

// AbandonDelay is how long a handler has to return after a shutdown cancelled its context.
const AbandonDelay = time.Second

// watch looks after the handlers of one organ from a goroutine of its own, so that no delivery needs a timer: it
// settles the outcomes that are finished behind a slow handler, cancels handlers at their deadline, and takes
// deliveries away from those that ignore it.
//
// Its measures against a handler follow from how long the handler stands at one position:
//
//	a tick              the outcomes in front of it are settled
//	timeout             its context is cancelled
//	timeout and grace   it is abandoned: its delivery failed, the rest is handed back
//
// A stop cancels and abandons in the same way, counted from its beginning. The watch never waits for the backend
// except to settle where workers settle by themselves, since a slow backend would delay the deadlines of all other handlers.
//
// It looks again every tick while handlers make progress. When all of them are idle or slow it sleeps until the
// next deadline, or until a worker gives notice. The deliveries that wait for long behind handlers it offers to
// other processes (see offer.go).
type watch struct {
	asleep atomic.Bool   // set by the watch before it looks for the last time; cleared by whoever wakes it
	nudge  chan struct{} // of one element: a wake that comes while the watch is awake is not lost
}

// wakeIfAsleep wakes a sleeping watch. While it is awake, the call costs one load. Workers call it before each delivery. The
// watch looks once more after it has set asleep, so a worker that moved just before is seen.
func (t *watch) wakeIfAsleep() {
	if t.asleep.Load() && t.asleep.CompareAndSwap(true, false) {
		t.wakeUp()
	}
}

// wakeUp makes the watch look at once.
func (t *watch) wakeUp() {
	select {
	case t.nudge <- struct{}{}:
	default:
	}
}

// watchHandlers watches until done is closed.
func (t *watch) watchHandlers(workers []*worker, done <-chan struct{}) {
	seen := make([]sight, len(workers))
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		moving, next := lookAtWorkers(workers, seen)
		if !moving {
			t.asleep.Store(true)
			if moving, next = lookAtWorkers(workers, seen); moving {
				t.asleep.Store(false)
			}
		}
		if moving {
			next = min(next, monotonicNanos()+int64(watchTick))
		}
		timer.Reset(time.Duration(next - monotonicNanos()))
		select {
		case <-timer.C:
			t.asleep.Store(false)
		case <-t.nudge:
		case <-done:
			return
		}
	}
}

// lookAtWorkers visits all workers. It returns whether any of them moved since the last time, and
// when one of those that did not is to be visited again.
func lookAtWorkers(workers []*worker, seen []sight) (moving bool, next int64) {
	now := monotonicNanos()
	next = now + int64(time.Hour)
	for i, w := range workers {
		pos := w.batch.Position()
		changed := seen[i].notePosition(pos, now)
		switch {
		case pos == batch.Abandoned && w.run.stopping.Load():
			w.leaveRun()
		case !pos.IsRunning():
		case changed:
			moving = true
		default:
			w.trySettle(pos)
			next = min(next, w.checkDeadline(pos, now))
		}
		if pos.IsRunning() {
			next = min(next, w.offerRest(pos, seen[i].began, now))
		}
	}
	if len(workers) > 1 {
		next = min(next, workers[0].organ.offerFed(workers[0].run, seen, now))
	}
	return moving, next
}

// checkDeadline cancels the handler at pos when its time is over, and takes its delivery away when
// it ignores that. It returns when to look again.
func (w *worker) checkDeadline(pos batch.Position, now int64) int64 {
	contexts := w.batch.ContextsAt(pos)
	if len(contexts) == 0 {
		return math.MaxInt64
	}
	c := &contexts[0]
	if g := w.givingUpAt(pos); g != nil {
		c, contexts = &g.deliveryContext, contexts[:1]
	}
	cancelAt, abandonAt, err := w.handlerLimits(c)
	if now < cancelAt {
		return cancelAt
	}
	c.cancelWith(err)
	others := contexts[1:] // of the events that the handler was called with
	for i := range others {
		others[i].cancelWith(err)
	}
	if now < abandonAt {
		return abandonAt
	}
	if !w.abandonHandler(pos) {
		return now + int64(watchTick)
	}
	if w.run.stopping.Load() {
		w.leaveRun()
	}
	return math.MaxInt64
}

// handlerLimits returns when to cancel a handler and with which error, and when to abandon it.
func (w *worker) handlerLimits(c *deliveryContext) (cancelAt, abandonAt int64, err error) {
	grace := w.organ.engine.Grace
	cancelAt, abandonAt, err = math.MaxInt64, math.MaxInt64, context.DeadlineExceeded
	if deadline := c.deadline.Load(); deadline != 0 {
		cancelAt, abandonAt = deadline, deadline+int64(grace)
	}
	if stopped := w.run.stoppedAt.Load(); stopped != 0 {
		if end := stopped + int64(grace); end < cancelAt {
			cancelAt, err = end, context.Canceled
		}
		abandonAt = min(abandonAt, stopped+int64(grace+min(grace, AbandonDelay)))
		if err == context.Canceled && monotonicNanos() >= cancelAt {
			w.run.forced.Store(true)
		}
	}
	return cancelAt, abandonAt, err
}

// abandonHandler takes the batch away from a handler that ignores its cancelled context: the delivery failed, the rest
// is handed back, and what the handler returns late counts for nothing. The handler keeps its slot until it
// returns. It reports false when it is to be called again, because another goroutine is settling.
func (w *worker) abandonHandler(pos batch.Position) bool {
	if !w.batch.TryLockSettling() {
		return false
	}
	w.settleLocked(pos, false)
	ds, end, ok := w.batch.Abandon(pos)
	w.batch.UnlockSettling()
	if !ok {
		return true
	}
	o, i := w.organ, pos.Index()
	r, _ := o.findRoute(&ds[i])
	f := &failure{err: errAbandoned, reason: contract.ReasonExhausted, stack: stackOf(w.goroutine.Load())}
	r.Counters.Abandoned.Add(1)
	o.logAbandoned(&ds[i], f)
	if o.breaker.limit > 0 {
		o.breaker.noteOutcome(contract.OutcomeRetry, f)
	}
	w.settleAbandoned(ds, end, w.pageOfAbandoned(pos, r, ds[i:end], f))
	return true
}

// pageOfAbandoned is the page of the deliveries whose handler hangs. Each of a batch handler has spent an attempt, because its
// handler cannot be called with one of them: it has not returned.
func (w *worker) pageOfAbandoned(pos batch.Position, r *Route, ds []contract.Delivery, f *failure) (p page) {
	for i := range ds {
		outcome, of := w.outcomeOfAbandoned(pos, r, &ds[i], f)
		p.outcomes, p.results = append(p.outcomes, outcome), append(p.results, result{route: r, failure: of})
	}
	return p
}

// outcomeOfAbandoned returns the outcome of a delivery whose handler hangs. The watch runs no give-up handler: the delivery comes
// back for that, without an attempt left.
func (w *worker) outcomeOfAbandoned(pos batch.Position, r *Route, d *contract.Delivery, f *failure) (contract.Outcome, *failure) {
	if g := w.givingUpAt(pos); g != nil {
		return g.failGiveUp(r, d, f)
	}
	o := r.outcomeOfFailure(d, f)
	if r.callsGiveUp(&o, f) {
		return contract.Outcome{Delivery: d, Kind: contract.OutcomeRetry}, f
	}
	return o, f
}

// settleAbandoned settles the failure of the abandoned deliveries in front of index end, and hands back the rest of the
// batch.
func (w *worker) settleAbandoned(batch []contract.Delivery, end int, p page) {
	o := w.organ
	if !o.settlesLater() {
		o.settleOutcomes(w.run, p.outcomes, p.results, 0)
		w.handBackRest(batch, end)
		return
	}
	added := o.settler.addPage(o, w.run, p)
	w.run.keepers.Go(func() { // the watch has other handlers to look after
		o.settler.waitForPage(added)
		w.handBackRest(batch, end)
	})
}

// handBackRest hands back the batch behind an abandoned delivery, which is settled.
func (w *worker) handBackRest(batch []contract.Delivery, from int) {
	w.giveTurnsBack()
	w.organ.releaseDeliveries(w.run, batch[from:])
	w.organ.states.mendKeys(batch)
	w.organ.freeBatchKeys(w.run, batch, true)
}
