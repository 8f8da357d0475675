package engine

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/batch"
)

// worker runs handlers of one organ, one at a time. Every Run makes new ones.
//
// Its goroutine works through a batch while the organ's watch and the keeper of its leases look on from others. What they
// may do to the batch meanwhile, and who may settle its outcomes, is the protocol of [batch.Batch]. The goroutine with the
// right to settle calls the backend, or hands a page to the organ's settler (see [Organ.settlesLater]).
type worker struct {
	organ     *Organ
	run       *Run
	goroutine atomic.Int64             // its number, for the stack of an abandoned handler
	giving    atomic.Pointer[givingUp] // the call of a give-up handler that came last: see givingUpAt
	leave     sync.Once                // it does not keep the run from ending
	batch     batch.Batch[deliveryContext]

	// notes are those of the batch. The worker writes the outcome of the delivery that runs; the outcomes in front of it
	// are read by whoever has the right to settle. The pointer changes when a batch begins.
	*notes

	// The fields below belong to the worker's goroutine.
	began  time.Time // when the first handler of the batch did
	buried bool      // the batch has a dead letter
	last   found     // for the delivery before
	out    contract.Emissions
	record contract.StateRecord // of the delivery's key, for a handler with state
	write  contract.StateWrite  // what that handler made of it
	step   recordStep           // what that handler emits because of it
	keys   map[string]bool      // that a delivery of this batch holds back (contract.OrderKey)
	next   int                  // the index behind the deliveries of the call that ran last
	alone  int                  // deliveries in front of this index run one by one, because a call with several has failed
	call   *batchCall           // of a batch handler with several deliveries, while it runs

	suspectTurns
}

// found is the answer of findRoute for a type. Deliveries of one type mostly follow each other, so the worker keeps the last
// answer and saves the look into a map.
type found struct {
	in, read *contract.EventType
	route    *Route
	timer    bool // the deliveries come from a timer
}

// result is what the books say of an outcome. It stands beside the outcome, at the same index, from the worker to the
// books: the backend must not see it.
type result struct {
	route   *Route
	failure *failure
	passed  bool // the delivery did not run: it goes back once the outcomes before it are settled
	unseen  bool // the delivery did not run: it comes from a timer that was stopped or replaced
}

// newWorker returns a worker of one run, which has no batch yet.
func newWorker(o *Organ, r *Run) *worker {
	w := &worker{organ: o, run: r, notes: &notes{}}
	w.batch.Init()
	return w
}

// workBatches finishes the batch that the worker has, by finish unless that is nil, and then works until the run is told to stop.
func (w *worker) workBatches(finish func()) {
	w.goroutine.Store(goroutineNumber())
	ended := false
	defer func() {
		if !ended { // a handler ended this goroutine: another one takes its place
			go w.workBatches(w.resumeBehind)
		}
	}()
	if finish != nil {
		finish()
	}
	for ds := w.organ.nextBatch(w.run); len(ds) > 0; ds = w.organ.nextBatch(w.run) {
		w.beginBatch(ds)
		w.runBatch(0)
	}
	ended = true
	w.leaveRun()
}

// resumeBehind goes on behind a handler that ended the worker's goroutine. It runs in a new goroutine, which owns the worker
// from here on: the former one ends with its deferred functions and touches nothing any more.
func (w *worker) resumeBehind() {
	pos := w.batch.Position()
	if !pos.IsRunning() { // it was abandoned before
		w.batch.End()
		return
	}
	i := pos.Index()
	if w.call != nil { // with several deliveries, which run one by one
		if w.takeStep(i, w.splitCall(i)) {
			w.runBatch(i)
		}
		return
	}
	w.batch.Context(i).finishHandler()
	r, _ := w.organ.findRoute(&w.batch.Deliveries()[i])
	if w.takeStep(i, w.noteGoexit(i, r)) {
		w.runBatch(i + 1)
	}
}

// noteGoexit notes the failure of a handler that ended its goroutine. Where that was the give-up handler it does not run again.
func (w *worker) noteGoexit(i int, r *Route) step {
	f := &failure{err: errGoexit, reason: contract.ReasonExhausted}
	g := w.givingUpAt(w.batch.PositionOf(i))
	if g == nil {
		return w.noteFailure(i, r, f)
	}
	g.finishHandler()
	o, all := g.failGiveUp(r, &w.batch.Deliveries()[i], f)
	return w.noteResult(i, o, result{route: r, failure: all})
}

// leaveRun tells the run that it need not wait for this worker.
func (w *worker) leaveRun() { w.leave.Do(w.run.workers.Done) }

// beginBatch takes a batch.
func (w *worker) beginBatch(ds []contract.Delivery) {
	if w.organ.settlesLater() {
		w.notes = w.organ.settler.blankNotes()
	}
	w.buried, w.alone, w.call = false, 0, nil
	w.began = time.Now()
	w.outcomes = resizeSlice(w.outcomes, len(ds))
	w.results = resizeSlice(w.results, len(ds))
	if w.organ.keepsState() {
		w.writes = resizeSlice(w.writes, len(ds))
	}
	w.box.resetMessages()
	clear(w.keys)
	w.batch.Begin(ds)
}

// resizeSlice returns a slice of n elements, the old one where it is large enough. Outcomes
// keep events alive until their places are used again: two batches of them at the most.
func resizeSlice[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// step says how a batch goes on after a delivery. A batch ends early for one of three reasons: a delivery that will come
// again holds back those behind it, the run is told to stop, or the watch has abandoned the handler.
type step int

const (
	goOn   step = iota // with the next one
	cut                // the rest is handed back
	undone             // the rest and this one are handed back
	taken              // the watch took the batch away
)

// runBatch runs the batch from index i on.
func (w *worker) runBatch(i int) {
	for ; i < len(w.batch.Deliveries()); i = w.next {
		w.next = i + 1
		w.organ.watch.wakeIfAsleep()
		if w.run.stopping.Load() || w.batch.HasLost() {
			break
		}
		if s := w.runDelivery(i); !w.takeStep(w.next-1, s) {
			return
		}
	}
	w.endBatch(i, false)
}

// takeStep takes the step that a delivery leads to, and reports whether the batch goes on.
func (w *worker) takeStep(i int, s step) bool {
	switch s {
	case cut:
		w.endBatch(i+1, true)
	case undone:
		w.endBatch(i, true)
	case taken:
		w.notePace(i + 1)
		w.batch.End()
	}
	return s == goOn
}

// endBatch settles batch[:i], and hands back batch[i:]. It returns when the settle has ended if the next step depends
// on it: when something goes back, because a retry or a halt held it up, or when a dead letter may have paused
// the organ. An exclusive organ waits after each batch, so that a handler which keeps state has to know one
// batch again and no more. Otherwise the settler may settle while the next batch runs.
func (w *worker) endBatch(i int, held bool) {
	w.notePace(i)
	w.organ.pressure.noteBatch(i, len(w.box.msgs), len(w.box.payloads))
	w.batch.LockSettling() // until the batch is over: the watch must not abandon or offer the rest that goes back
	if !w.batch.Owns(i) {  // the watch abandoned it just now, and hands back the rest
		w.batch.UnlockSettling()
		w.batch.End()
		return
	}
	ds := w.batch.Deliveries() // without those that the watch has offered
	page := w.settleLocked(w.batch.PositionOf(i), true)
	if held || len(w.keys) > 0 || i < len(ds) || w.buried || w.organ.isExclusive() || w.organ.keepsState() {
		w.organ.settler.waitForPage(page)
	}
	held = w.organ.states.mendKeys(ds) || held
	if i < len(ds) {
		w.organ.releaseDeliveries(w.run, ds[i:])
	}
	w.giveTurnsBack() // the rest of a group goes back
	w.batch.End()
	w.batch.UnlockSettling()
	w.organ.freeBatchKeys(w.run, ds, held)
}

// notePace sizes the next batch by what the handlers of this one took.
func (w *worker) notePace(ran int) {
	took := time.Since(w.began)
	if o := w.organ; o.Policy.Concurrency == 1 {
		o.batchSize = nextBatchSize(o.batchSize, o.engine.maxBatch(), ran, took)
	} else if ran > 0 {
		o.pace.noteDuration(took / time.Duration(ran))
	}
}

// runDelivery runs one delivery and notes its outcome. The checks come in the order of their cost to the delivery, because
// one that is passed over or refused must not be marked as started, and one that is not admitted must spend no attempt.
func (w *worker) runDelivery(i int) step {
	d := &w.batch.Deliveries()[i]
	if w.keys[d.Key] {
		return w.noteResult(i, contract.Outcome{Delivery: d}, result{passed: true})
	}
	if d.Type != w.last.in {
		w.last.in = d.Type
		w.last.route, w.last.read = w.organ.findRoute(d)
		w.last.timer = w.organ.isTimer(d.Type)
	}
	r, t := w.last.route, w.last.read
	if r == nil {
		o, f := w.organ.declineDelivery(d)
		return w.noteResult(i, o, result{route: w.organ.unrouted, failure: f})
	}
	if f := r.refuseDelivery(d); f != nil {
		return w.noteFailure(i, r, f)
	}
	if r.giveUp != nil {
		if f := w.organ.conflicted.takeFailure(d.ID); f != nil {
			return w.noteFailure(i, r, f)
		}
	}
	if r.State {
		if next, done := w.prepareState(i, r); done {
			return next
		}
	}
	if !w.organ.spendToken(w.run, len(w.batch.Deliveries())-i) {
		return undone
	}
	if d.Suspect && !w.isolateSuspect(i) {
		return undone
	}
	if !w.run.admitDelivery() {
		return undone
	}
	if end := w.claimTogether(i, r); end > i+1 {
		return w.runTogether(i, end, r, t)
	}
	c := w.batch.Context(i)
	c.delivery, c.worker = d, w
	if r.policy.Timeout > 0 {
		c.deadline.Store(monotonicNanos() + int64(r.policy.Timeout))
	}
	w.out.Reset()
	w.out.Headers = nil
	start := len(w.box.msgs)
	f := r.invokeHandler(c, t)
	ended := c.finishHandler()
	if f != nil && ended && w.run.forced.Load() {
		return w.giveBack(i)
	}
	if f != nil {
		return w.noteFailure(i, r, f)
	}
	o := contract.Outcome{Delivery: d, Emit: w.box.msgs[start:]}
	if r.State {
		w.writes[i] = w.write
		o.State = &w.writes[i]
	}
	return w.noteResult(i, o, result{route: r})
}

// prepareState finds the record that the handler will be given. done says that the delivery does not run now, and next how
// the batch goes on.
func (w *worker) prepareState(i int, r *Route) (next step, done bool) {
	d := &w.batch.Deliveries()[i]
	if d.Key == "" {
		return w.noteFailure(i, r, permanentFailure(contract.ReasonInvalid, errNoKey)), true
	}
	record, state := w.openRecord(i)
	switch {
	case state == notReadable:
		return undone, true
	case state == heldBack:
		return w.noteResult(i, contract.Outcome{Delivery: d}, result{passed: true}), true
	}
	if err := w.organ.checkKnown(r, record); err != nil {
		w.organ.states.forgetRecord(d.Key) // another process may have written it by the time the delivery comes again
		o, f := w.organ.declineState(d, err)
		return w.noteResult(i, o, result{route: r, failure: f}), true
	}
	w.record = record
	if w.last.timer {
		return w.prepareTimer(i, r)
	}
	return goOn, false
}

// refuseDelivery returns why a delivery must not run.
func (r *Route) refuseDelivery(d *contract.Delivery) *failure {
	switch {
	case min(d.Hops, d.Attempts, d.Declines, d.Crashes) < 0:
		return permanentFailure(contract.ReasonUndecodable, fmt.Errorf("the backend counts below 0: hops %d, attempts %d, declines %d, crashes %d",
			d.Hops, d.Attempts, d.Declines, d.Crashes))
	case d.GivingUp:
		return permanentFailure(contract.ReasonCrashed, errGivenUp)
	case d.Crashes >= maxCrashes:
		return permanentFailure(contract.ReasonCrashed, errCrashed)
	case int(d.Hops) > r.policy.MaxHops && !r.hasReserve(d):
		return permanentFailure(contract.ReasonMaxHops, hopsError(d, r))
	case r.giveUp != nil && int(d.Attempts) >= r.policy.Retry:
		return permanentFailure(contract.ReasonExhausted, errSpent)
	}
	return nil
}

// giveBack leaves a delivery whose handler was ended by the shutdown: it spends no attempt.
func (w *worker) giveBack(i int) step {
	if !w.batch.Owns(i) {
		return taken
	}
	return undone
}

// noteFailure notes a failure. When the delivery is given up, its give-up handler is called first.
func (w *worker) noteFailure(i int, r *Route, f *failure) step {
	o := r.outcomeOfFailure(&w.batch.Deliveries()[i], f)
	if r.callsGiveUp(&o, f) {
		said, next, done := w.callGiveUp(i, r, f, &o)
		if done {
			return next
		}
		f = said
	}
	return w.noteResult(i, o, result{route: r, failure: f})
}

// noteResult stores an outcome and moves on. Between Owns and Finish the outcome is the worker's alone; from Finish on it
// belongs to whoever settles. A worker that lost the batch in between has stored an outcome that is never settled: the watch
// settles a failure in its place.
func (w *worker) noteResult(i int, o contract.Outcome, res result) step {
	if !w.batch.Owns(i) {
		return taken
	}
	w.outcomes[i], w.results[i] = o, res
	if !w.batch.Finish(i) {
		return taken
	}
	if o.State != nil {
		w.organ.states.keepRecord(o.Delivery.Key, recordOf(o.State))
	}
	w.buried = w.buried || o.Kind == contract.OutcomeDead
	if res.unseen { // it may be the breaker's trial
		w.organ.breaker.takeTrialBack()
	}
	tripped := w.organ.breaker.limit > 0 && !res.passed && !res.unseen && w.organ.breaker.noteOutcome(o.Kind, res.failure)
	if w.holdsTurn() && !w.batch.IsStarted(i+1) {
		w.settleNow(i + 1)
		w.giveTurnsBack()
	}
	held := (o.Kind == contract.OutcomeRetry || o.Kind == contract.OutcomeDecline) && w.holdsBack(o.Delivery)
	if tripped || held || o.Death != nil && o.Death.Halt {
		return cut
	}
	return goOn
}

// holdsBack reports whether a delivery that comes back holds back all that is left of the batch. With
// contract.OrderKey those of its key are passed over, and the others run on: a batch of a feed is one
// delivery, and the feed hands back the others of its key.
func (w *worker) holdsBack(d *contract.Delivery) bool {
	if order := w.organ.orderInEffect(); order != contract.OrderKey || w.organ.Policy.Concurrency > 1 {
		return order != contract.OrderFirstAttempts
	}
	if d.Key != "" {
		if w.keys == nil {
			w.keys = map[string]bool{}
		}
		w.keys[d.Key] = true
	}
	return false
}

// settleNow settles the outcomes of the batch that stand before index upTo, and returns when the
// settle has ended.
func (w *worker) settleNow(upTo int) {
	w.batch.LockSettling()
	defer w.batch.UnlockSettling()
	w.organ.settler.waitForPage(w.settleLocked(w.batch.PositionOf(upTo), false))
}

// trySettle settles the outcomes in front of a position, for the watch: it does not wait while another goroutine settles.
func (w *worker) trySettle(pos batch.Position) {
	if w.batch.TryLockSettling() {
		w.settleLocked(pos, false)
		w.batch.UnlockSettling()
	}
}

// settleLocked settles the outcomes in front of a position, or hands them to the settler as a page, whose number it
// returns. No page of the batch follows the last one. The caller has the right to settle.
func (w *worker) settleLocked(pos batch.Position, last bool) (added uint64) {
	from, ds := w.batch.Unsettled(pos)
	upTo := from + len(ds)
	switch {
	case !w.organ.settlesLater():
		if len(ds) > 0 {
			w.organ.settleOutcomes(w.run, w.outcomes[from:upTo], w.results[from:upTo], 0)
			w.batch.MarkSettled(upTo) // the keeper renews the leases until then
		}
		return 0
	case len(ds) == 0 && !last:
		return 0
	}
	p := w.notes.cutPage(ds, from)
	p.last = last
	w.batch.MarkSettled(upTo)
	return w.organ.settler.addPage(w.organ, w.run, p)
}
