package engine

import (
	"cmp"
	"errors"
	"fmt"
	"sync"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/batch"
)

// A route may have a give-up handler, which is called when a delivery of its event is given up. Its emissions and its state
// are settled with the dead letter, in one step. The way of such a delivery:
//
//	the last failure ---> marked as given up (Consumer.Extend) ---> the give-up handler runs ---> settled
//	                                   |                                    |             |
//	                                   | the process dies                   | it fails    | conflict: from the mark on again,
//	                                   v                                    v             | without the handler
//	                        a dead letter without it, which says so: it never runs again
//
// A give-up handler that fails leaves a plain dead letter, whose text says so as well.

// reserveHops is how many hops a chain may go on behind a give-up handler, beyond the maximum. A chain has this reserve once,
// so that it ends also where give-up handlers lead it in a circle.
const reserveHops = 16

// maxConflicted bounds the failures that are kept for deliveries whose give-up handler has to run again.
const maxConflicted = 1024

// errGivenUp is the failure of a delivery that was marked as given up by a process that died.
var errGivenUp = errors.New("the process died while its give-up handler was about to run or ran: it does not run again")

// errSpent is the failure of a delivery that has no attempt left: it came back for its give-up handler alone.
var errSpent = errors.New("all attempts are spent: the last one was abandoned, since it ignored its cancelled context")

// givingUp is the call of a give-up handler. The worker makes one for each call, and its fields do not change from then on. The
// watch and the keeper find the context here that they have to end.
type givingUp struct {
	deliveryContext
	at      batch.Position
	id      contract.ID // of the delivery
	failure *failure    // why it is given up
	giveUp  *Route
}

// givingUpAt returns the call of the give-up handler that runs at a position, or has run there, or nil. Any goroutine may ask.
func (w *worker) givingUpAt(p batch.Position) *givingUp {
	if g := w.giving.Load(); g != nil && g.at.IsAt(p) {
		return g
	}
	return nil
}

// hasReserve reports whether a delivery is within the hops in reserve of its chain.
func (r *Route) hasReserve(d *contract.Delivery) bool {
	return int(d.Hops)-r.policy.MaxHops <= int(min(d.Reserve, reserveHops))
}

// callsGiveUp reports whether an outcome is one of a delivery that has a give-up handler, which may run. A chain that has spent its
// reserve, too, ends here: what a give-up handler emits would be given up in turn, without an end.
func (r *Route) callsGiveUp(o *contract.Outcome, f *failure) bool {
	switch {
	case r.giveUp == nil || o.Kind == contract.OutcomeRetry || o.Delivery.GivingUp:
		return false
	case f.reason == contract.ReasonMaxHops:
		return o.Delivery.Reserve == 0
	}
	return f.reason != contract.ReasonUndecodable && f.reason != contract.ReasonUnknownType
}

// callGiveUp calls the give-up handler of the delivery at index i, and adds its emissions and its state to the outcome.
// said is the failure that the books tell. done says that the delivery is not settled with this outcome, and next how the
// batch goes on.
func (w *worker) callGiveUp(i int, r *Route, f *failure, o *contract.Outcome) (said *failure, next step, done bool) {
	g := &givingUp{at: w.batch.PositionOf(i), id: o.Delivery.ID, failure: f, giveUp: r.giveUp}
	if g.giveUp.State && o.Delivery.Key == "" {
		return g.noteFailed(o, permanentFailure(contract.ReasonInvalid, errNoKey)), goOn, false
	}
	if g.giveUp.State {
		if next, done = w.prepareState(i, r); done {
			return f, next, true
		}
	}
	if !w.markGivenUp(o.Delivery) {
		return f, undone, true
	}
	if !w.batch.IsStarted(i) { // the keeper renews the lease of a suspect from here on
		w.batch.MarkStarted(i + 1)
	}
	failed, start := w.runGiveUp(i, g, o)
	switch {
	case failed != nil && w.run.forced.Load():
		return f, w.giveBack(i), true
	case failed != nil:
		f = g.noteFailed(o, failed)
	default:
		w.addGivenUp(i, g, o, start)
	}
	return f, goOn, false
}

// markGivenUp has the backend note that the give-up handler of a delivery may run from here on. It reports false when the run
// ends, or the delivery is not ours any more.
func (w *worker) markGivenUp(d *contract.Delivery) bool {
	marked := *d
	marked.GivingUp = true
	for !w.run.stopping.Load() {
		if lost, ok := w.organ.extendLeases(w.run, []*contract.Delivery{&marked}); ok {
			return len(lost) == 0
		}
	}
	return false
}

// runGiveUp calls the handler in a context of its own. start is where its messages begin in the box.
func (w *worker) runGiveUp(i int, g *givingUp, o *contract.Outcome) (failed *failure, start int) {
	g.delivery, g.worker = &w.batch.Deliveries()[i], w
	if timeout := g.giveUp.policy.Timeout; timeout > 0 {
		g.deadline.Store(monotonicNanos() + int64(timeout))
	}
	w.out.Reset()
	w.out.Headers = nil
	w.out.Death = deathOf(o, g.failure)
	start = len(w.box.msgs)
	w.giving.Store(g)
	failed = g.giveUp.invokeHandler(&g.deliveryContext, w.last.read)
	g.finishHandler()
	w.out.Death = nil
	return failed, start
}

// deathOf is what a give-up handler is told, which owns it.
func deathOf(o *contract.Outcome, f *failure) *contract.Death {
	if o.Death != nil {
		death := *o.Death
		return &death
	}
	return &contract.Death{Reason: f.reason, Error: f.err.Error(), Stack: f.stack}
}

// addGivenUp adds what the give-up handler has made to the outcome.
func (w *worker) addGivenUp(i int, g *givingUp, o *contract.Outcome, start int) {
	o.Emit = w.box.msgs[start:]
	if g.giveUp.State {
		w.writes[i] = w.write
		o.State = &w.writes[i]
	}
	if o.Death != nil {
		o.Death.GaveUp = true
	}
}

// noteFailed says in the dead letter that the give-up handler failed. It returns the failure that says both, for the log: a
// delivery that is dropped has no dead letter.
func (g *givingUp) noteFailed(o *contract.Outcome, failed *failure) *failure {
	both := *g.failure
	both.err = fmt.Errorf("%w; its give-up handler %s failed, too: %w", g.failure.err, g.giveUp.Method, failed.err)
	both.stack = cmp.Or(both.stack, failed.stack)
	if o.Death != nil {
		o.Death.Error, o.Death.Stack = both.err.Error(), both.stack
	}
	return &both
}

// failGiveUp returns the outcome of a delivery whose give-up handler did not come to its end.
func (g *givingUp) failGiveUp(r *Route, d *contract.Delivery, failed *failure) (contract.Outcome, *failure) {
	o := r.outcomeOfFailure(d, g.failure)
	return o, g.noteFailed(&o, failed)
}

// conflicted are the failures of deliveries whose give-up handler has to run again, because the state of their key had changed.
// A delivery that another process gets runs as a whole there.
type conflicted struct {
	mu   sync.Mutex
	byID map[contract.ID]*failure
}

// keepFailure keeps why a delivery is given up until it comes again.
func (c *conflicted) keepFailure(id contract.ID, f *failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil || len(c.byID) >= maxConflicted {
		c.byID = map[contract.ID]*failure{}
	}
	c.byID[id] = f
}

// takeFailure returns why a delivery is given up that has come again, or nil.
func (c *conflicted) takeFailure(id contract.ID) *failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.byID[id]
	delete(c.byID, id)
	return f
}
