package necro

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// worker runs handlers of one organ, one at a time. Every Run makes new ones.
//
// Its goroutine works through a batch while the organ's watch looks on from another. They meet in pos: the
// worker moves it on with one compare-and-swap for each event, and the watch takes a delivery away from a
// handler that ignores its context with another. So whatever stands before pos is complete, and may be settled
// by whoever holds settling: by calling the backend, or by handing a page to the organ's settler (see
// [organ.settlesLater]). A mark in pos says that the watch has offered the rest of the batch to other processes
// (see [worker.offerRest]).
type worker struct {
	organ     *organ
	run       *run
	goroutine atomic.Int64 // its number, for the stack of an abandoned handler
	pos       atomic.Int64 // batch number and index of the running delivery, or idle, or abandoned
	lost      atomic.Bool  // a lease of this batch was lost
	leave     sync.Once    // it does not keep the run from ending

	mu       sync.Mutex // guards the next three, and which notes are this batch's, for the watch and the lease keeper
	number   int64
	batch    []contract.Delivery
	contexts []deliveryContext

	settling lock         // held while outcomes are settled or handed to the settler
	settled  atomic.Int64 // outcomes before it are settled, or with the settler
	*notes                // of this batch
	began    time.Time    // when its first handler did
	buried   bool         // it has a dead letter; only the worker's goroutine asks

	last found // for the delivery before
	out  contract.Emissions
	keys map[string]bool // that a delivery of this batch holds back (OrderKey)

	marked atomic.Int64 // position behind the last delivery of this batch that was marked as started
	suspectTurns
}

// lock is a mutex that may be held while the backend takes its time: a goroutine that waits
// for it is seen to wait, which virtual time (testing/synctest) depends on.
type lock chan struct{}

func newLock() lock    { return make(lock, 1) }
func (l lock) lock()   { l <- struct{}{} }
func (l lock) unlock() { <-l }

func (l lock) tryLock() bool {
	select {
	case l <- struct{}{}:
		return true
	default:
		return false
	}
}

// found is the answer of find for a type.
type found struct {
	in, read *contract.EventType
	route    *route
}

// result is what the books say of an outcome.
type result struct {
	route   *route
	failure *failure
	passed  bool // the delivery did not run: it goes back once the outcomes before it are settled
}

// Values of pos where no handler of a batch runs.
const (
	idle      = -1
	abandoned = -2
)

// indexBits is the part of pos that holds the index in the batch, and above it the mark restOffered.
const (
	indexBits   = 16
	restOffered = 1 << (indexBits - 1)
)

func positionOf(number int64, i int) int64 { return number<<indexBits | int64(i) }

// indexOf returns the index in the batch that a pos holds.
func indexOf(pos int64) int { return int(pos & (restOffered - 1)) }

func newWorker(o *organ, r *run) *worker {
	w := &worker{organ: o, run: r, settling: newLock(), notes: &notes{}}
	w.pos.Store(idle)
	return w
}

// workBatches works until the run is told to stop.
func (w *worker) workBatches() {
	w.goroutine.Store(goroutineNumber())
	ended := false
	defer func() {
		if !ended { // a handler ended this goroutine: another one takes its place
			go w.resumeBehind()
		}
	}()
	for ds := w.organ.nextBatch(w.run); len(ds) > 0; ds = w.organ.nextBatch(w.run) {
		w.beginBatch(ds)
		w.runBatch(0)
	}
	ended = true
	w.leaveRun()
}

// resumeBehind goes on behind a handler that ended the worker's goroutine.
func (w *worker) resumeBehind() {
	pos := w.pos.Load()
	if pos < 0 { // it was abandoned before
		w.markIdle()
		w.workBatches()
		return
	}
	i := indexOf(pos)
	w.contexts[i].finishHandler()
	r, _ := w.organ.findRoute(&w.batch[i])
	if w.takeStep(i, w.noteFailure(i, r, &failure{err: errGoexit, reason: contract.ReasonExhausted})) {
		w.runBatch(i + 1)
	}
	w.workBatches()
}

// leaveRun tells the run that it need not wait for this worker.
func (w *worker) leaveRun() { w.leave.Do(w.run.workers.Done) }

// beginBatch takes a batch.
func (w *worker) beginBatch(ds []contract.Delivery) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.number++
	w.batch, w.contexts = ds, make([]deliveryContext, len(ds))
	if w.organ.settlesLater() {
		w.notes = w.organ.settler.blankNotes()
	}
	w.buried = false
	w.began = time.Now()
	w.outcomes = resizeSlice(w.outcomes, len(ds))
	w.results = resizeSlice(w.results, len(ds))
	w.settled.Store(0)
	w.box.resetMessages()
	clear(w.keys)
	w.lost.Store(false)
	w.pos.Store(positionOf(w.number, 0))
}

// resizeSlice returns a slice of n elements, the old one where it is large enough. Outcomes
// keep events alive until their places are used again: two batches of them at the most.
func resizeSlice[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// step says how a batch goes on after a delivery.
type step int

const (
	goOn   step = iota // with the next one
	cut                // the rest is handed back
	undone             // the rest and this one are handed back
	taken              // the watch took the batch away
)

// runBatch runs the batch from index i on.
func (w *worker) runBatch(i int) {
	for ; i < len(w.batch); i++ {
		w.organ.watch.wakeIfAsleep()
		if w.run.stopping.Load() || w.lost.Load() {
			break
		}
		if !w.takeStep(i, w.runDelivery(i)) {
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
		w.markIdle()
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
	w.settling.lock() // until the batch is over: the watch must not abandon or offer the rest that goes back
	w.ownsIndex(i)    // what the watch has offered is not in the batch any more
	page := w.settleLocked(w.number, i, true)
	if held || len(w.keys) > 0 || i < len(w.batch) || w.buried || w.organ.isExclusive() {
		w.organ.settler.waitForPage(page)
	}
	if i < len(w.batch) {
		w.organ.releaseDeliveries(w.run, w.batch[i:])
	}
	w.giveTurnsBack() // the rest of a group goes back
	w.markIdle()
	w.settling.unlock()
	w.organ.freeBatchKeys(w.run, w.batch, held)
}

// notePace sizes the next batch by what the handlers of this one took.
func (w *worker) notePace(ran int) {
	took := time.Since(w.began)
	if o := w.organ; o.policy.Concurrency == 1 {
		o.batchSize = nextBatchSize(o.batchSize, o.spine.maxBatch(), ran, took)
	} else if ran > 0 {
		o.pace.noteDuration(took / time.Duration(ran))
	}
}

// markIdle ends the work on a batch. From here on the backend may use its memory again, which
// the lease keeper must not read then.
func (w *worker) markIdle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pos.Store(idle)
}

// runDelivery runs one delivery and notes its outcome.
func (w *worker) runDelivery(i int) step {
	d := &w.batch[i]
	if w.keys[d.Key] {
		return w.noteResult(i, contract.Outcome{Delivery: d}, result{passed: true})
	}
	if d.Type != w.last.in {
		w.last.in = d.Type
		w.last.route, w.last.read = w.organ.findRoute(d)
	}
	r, t := w.last.route, w.last.read
	if r == nil {
		o, f := w.organ.declineDelivery(d)
		return w.noteResult(i, o, result{route: w.organ.unrouted, failure: f})
	}
	if f := r.refuseDelivery(d); f != nil {
		return w.noteFailure(i, r, f)
	}
	if d.Suspect && !w.isolateSuspect(i) {
		return undone
	}
	if !w.run.admitDelivery() {
		return undone
	}
	c := &w.contexts[i]
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
	return w.noteResult(i, contract.Outcome{Delivery: d, Emit: w.box.msgs[start:]}, result{route: r})
}

// refuseDelivery returns why a delivery must not run.
func (r *route) refuseDelivery(d *contract.Delivery) *failure {
	switch {
	case min(d.Hops, d.Attempts, d.Declines, d.Crashes) < 0:
		return permanentFailure(contract.ReasonUndecodable, fmt.Errorf("the backend counts below 0: hops %d, attempts %d, declines %d, crashes %d",
			d.Hops, d.Attempts, d.Declines, d.Crashes))
	case d.Crashes >= maxCrashes:
		return permanentFailure(contract.ReasonCrashed, errCrashed)
	case int(d.Hops) > r.policy.MaxHops:
		return permanentFailure(contract.ReasonMaxHops, hopsError(d, r))
	}
	return nil
}

// giveBack leaves a delivery whose handler was ended by the shutdown: it spends no attempt.
func (w *worker) giveBack(i int) step {
	if !w.ownsIndex(i) {
		return taken
	}
	return undone
}

// noteFailure notes a failure.
func (w *worker) noteFailure(i int, r *route, f *failure) step {
	return w.noteResult(i, r.outcomeOfFailure(&w.batch[i], f), result{route: r, failure: f})
}

// noteResult stores an outcome and moves on.
func (w *worker) noteResult(i int, o contract.Outcome, res result) step {
	if !w.ownsIndex(i) {
		return taken
	}
	w.outcomes[i], w.results[i] = o, res
	for !w.pos.CompareAndSwap(positionOf(w.number, i), positionOf(w.number, i+1)) {
		if !w.ownsIndex(i) {
			return taken
		}
	}
	w.buried = w.buried || o.Kind == contract.OutcomeDead
	tripped := w.organ.breaker.limit > 0 && !res.passed && w.organ.breaker.noteOutcome(o.Kind, res.failure)
	if w.holdsTurn() && positionOf(w.number, i+1) >= w.marked.Load() {
		w.settleNow(i + 1)
		w.giveTurnsBack()
	}
	held := (o.Kind == contract.OutcomeRetry || o.Kind == contract.OutcomeDecline) && w.holdsBack(o.Delivery)
	if tripped || held || o.Death != nil && o.Death.Halt {
		return cut
	}
	return goOn
}

// ownsIndex reports whether the batch is still the worker's, which is at index i of it. Where the watch has offered
// the rest, the batch ends behind i from here on.
func (w *worker) ownsIndex(i int) bool {
	at := positionOf(w.number, i)
	switch w.pos.Load() {
	case at:
		return true
	case at | restOffered:
		w.mu.Lock()
		w.batch = w.batch[:i+1]
		w.mu.Unlock()
		return w.pos.CompareAndSwap(at|restOffered, at)
	}
	return false
}

// holdsBack reports whether a delivery that comes back holds back all that is left of the batch. With
// OrderKey those of its key are passed over, and the others run on: a batch of a feed is one
// delivery, and the feed hands back the others of its key.
func (w *worker) holdsBack(d *contract.Delivery) bool {
	if order := w.organ.orderInEffect(); order != OrderKey || w.organ.policy.Concurrency > 1 {
		return order != OrderFirstAttempts
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
	w.settling.lock()
	defer w.settling.unlock()
	w.organ.settler.waitForPage(w.settleLocked(w.number, upTo, false))
}

// trySettle settles the outcomes of a batch that stand before index upTo, for the watch: it does not wait while
// another goroutine settles, and reports false then.
func (w *worker) trySettle(number int64, upTo int) bool {
	if !w.settling.tryLock() {
		return false
	}
	defer w.settling.unlock()
	w.settleLocked(number, upTo, false)
	return true
}

// settleLocked settles the outcomes of a batch that stand before index upTo, or hands them to the
// settler as a page, whose number it returns. No page of the batch follows the last one. The caller
// holds settling.
func (w *worker) settleLocked(number int64, upTo int, last bool) (added uint64) {
	w.mu.Lock()
	from, n, batch := int(w.settled.Load()), w.notes, w.batch
	if number != w.number || from > upTo || from == upTo && !last {
		w.mu.Unlock()
		return 0
	}
	if !w.organ.settlesLater() {
		w.mu.Unlock()
		if from < upTo {
			w.organ.settleOutcomes(w.run, n.outcomes[from:upTo], n.results[from:upTo], 0)
		}
		w.settled.Store(int64(upTo))
		return 0
	}
	p := n.cutPage(batch, from, upTo)
	if last {
		p.last = true
	}
	w.settled.Store(int64(upTo))
	w.mu.Unlock()
	return w.organ.settler.addPage(w.organ, w.run, p)
}
