package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// batchTime is how long the handlers of a batch should take: what a worker has fetched keeps
// other processes from it.
const batchTime = 4 * time.Millisecond

// nextBatch returns what a worker runs next, or nothing when the run is told to stop. With one worker that is a
// batch, whose size follows the speed of its handlers; with more it is one delivery at a time, so that events of
// equal key stay in order. Room and tokens are waited for before the Fetch, because a fetched delivery that cannot
// run keeps other processes from running it.
func (o *Organ) nextBatch(r *Run) []contract.Delivery {
	o.settler.waitForRoom(r)
	o.awaitToken(r)
	if o.Policy.Concurrency > 1 {
		return o.feed.nextReady(o, r)
	}
	return o.gatherMore(r, o.fetchBatch(r, o.fetchSize()))
}

// fetchSize returns how many deliveries the next Fetch asks for. With several workers the caller holds the mutex of
// their feed, and asks for none when the size is 0 or less. Deliveries that wait in the feed count against the
// prefetch and the block of tokens, because they are fetched and have not begun.
func (o *Organ) fetchSize() int {
	size, waiting := max(o.batchSize, o.together), 0
	if f := &o.feed; o.Policy.Concurrency > 1 {
		wanted := 1 + f.idle + o.pace.fetchAhead(o.Policy.Concurrency, o.engine.maxBatch())
		size, waiting = f.fetchRoom(max(wanted, o.together)), len(f.ready)+f.count
	}
	if o.Policy.Prefetch > 0 {
		size = min(size, o.Policy.Prefetch-waiting)
	}
	if rate := o.rate(); rate.Count > 0 {
		size = min(size, rate.Block()-waiting)
	}
	return size
}

// Bounds of what one Fetch asks for. Typed events cost next to nothing to fetch, and few of them stay in the
// cache: 128 is the fastest size on memory. A backend that stores bytes is farther away: there a batch saves
// calls.
const (
	maxTypedBatch = 128
	maxBatch      = 512
)

// maxBatch is the largest number that a Fetch asks for.
func (e *Engine) maxBatch() int {
	if e.Encodes {
		return maxBatch
	}
	return maxTypedBatch
}

// nextBatchSize lets batches grow at most twofold, to what should take batchTime, and to most.
// Only the handlers' own time counts. With the time of fetching and settling in it, a long round
// trip would make batches small, and small batches make more round trips.
func nextBatchSize(size, most, ran int, took time.Duration) int {
	if took <= 0 {
		took = 1
	}
	fits := time.Duration(ran) * batchTime / took
	return max(1, min(int(min(fits, time.Duration(most))), 2*size))
}

// fetchBatch returns at least one delivery, or none when the run is told to stop. It waits while
// the breaker is open, and while the organ's own emissions fill the backend. The goroutine that fetches for an organ
// also follows its binding, so the order of an organ changes between two batches and never within one.
func (o *Organ) fetchBatch(r *Run, limit int) []contract.Delivery {
	for !r.stopping.Load() {
		o.followBinding()
		n, wait := o.breaker.admitFetch(o.awaitPressure(r, limit))
		if n == 0 {
			r.sleepUnlessStopped(wait)
			continue
		}
		ds, err := o.consumer.Fetch(r.Fetching, n)
		if err == nil && len(ds) > 0 {
			r.engine.Calls.NoteSuccess("fetch", o.Name)
			return ds
		}
		o.breaker.takeTrialBack()
		if err != nil {
			r.NoteFailedCall(r.Fetching, "fetch", o.Name, err)
		}
	}
	return nil
}

// settleOutcomes settles outcomes until the backend takes them or the run is given up, and enters
// them in the books. The first few may be late: they were sent before. Deliveries that were passed
// over go back behind that: what holds them back must be known by then. Those whose state has changed go back
// too, to run again, and spend no attempt. It returns what the backend has left.
func (o *Organ) settleOutcomes(r *Run, outcomes []contract.Outcome, results []result, again int) (left late) {
	outcomes, results, back := o.withoutPassed(outcomes, results)
	if len(outcomes) > 0 {
		var conflicts []*contract.Delivery
		left, conflicts = o.settleRun(r, outcomes, results, again)
		back = append(conflicts, back...)
	}
	o.handBack(r, back)
	return left
}

// withoutPassed parts the deliveries that were passed over from the outcomes of those that ran. It is nearly always
// called with a batch in which none was passed over, and then copies nothing.
func (o *Organ) withoutPassed(outcomes []contract.Outcome, results []result) (run []contract.Outcome, of []result, passed []*contract.Delivery) {
	if !slices.ContainsFunc(results, func(r result) bool { return r.passed }) {
		return outcomes, results, nil
	}
	for i := range outcomes {
		if results[i].passed {
			passed = append(passed, outcomes[i].Delivery)
		} else {
			run, of = append(run, outcomes[i]), append(of, results[i])
		}
	}
	return run, of, passed
}

// settleRun settles outcomes of deliveries that ran, and repeats a call that failed. A repeated call is safe, because the
// first settle of a delivery wins: when the reply of a call was lost that had reached the backend, the second one finds
// its outcomes applied. again says how many of them, from the first one on, were sent before, so that the books take a
// refusal of these for a success. conflicts are the deliveries that have to run again.
func (o *Organ) settleRun(r *Run, outcomes []contract.Outcome, results []result, again int) (left late, conflicts []*contract.Delivery) {
	for {
		settled, err := o.consumer.Settle(r.Settling, outcomes)
		var unsettled *contract.UnsettledError
		if o.settlesLater() && errors.As(err, &unsettled) {
			left = leftOutcomes(outcomes, results, unsettled.Outcomes)
			err = nil
		}
		if err == nil {
			r.engine.Calls.NoteSuccess("settle", o.Name)
			o.bookSettled(r, outcomes, results, settled, again, unsettled)
			if o.keepsState() {
				conflicts = o.noteConflicts(outcomes, results, settled)
			}
			return left, conflicts
		}
		again = len(outcomes)
		if !r.NoteFailedCall(r.Settling, "settle", o.Name, err) {
			return late{}, nil
		}
	}
}

// leftOutcomes returns the outcomes that a call has left, by their indexes.
func leftOutcomes(outcomes []contract.Outcome, results []result, indexes []int) (left late) {
	for _, i := range indexes {
		left.outcomes, left.results = append(left.outcomes, outcomes[i]), append(left.results, results[i])
	}
	return left
}

// bookSettled enters the outcomes of a call in the books, but for those that it has left. The first
// few had been sent before.
func (o *Organ) bookSettled(r *Run, outcomes []contract.Outcome, results []result, settled contract.Results, again int, unsettled *contract.UnsettledError) {
	if unsettled == nil && (again == 0 || again == len(outcomes)) {
		o.bookOutcomes(r, outcomes, results, settled, again > 0)
		return
	}
	isLeft := make([]bool, len(outcomes))
	if unsettled != nil {
		for _, i := range unsettled.Outcomes {
			isLeft[i] = true
		}
	}
	for i := range outcomes {
		if !isLeft[i] {
			o.bookOutcomes(r, outcomes[i:i+1], results[i:i+1], contract.Results{settled.At(i)}, i < again)
		}
	}
}

// releaseDeliveries hands deliveries back. When that fails their leases run out.
func (o *Organ) releaseDeliveries(r *Run, ds []contract.Delivery) {
	o.handBack(r, pointersTo(ds))
}

// handBack releases deliveries that were fetched and did not run. The breaker's trial may be among it. When the release
// fails, their leases run out. Where order counts the release is repeated instead, because deliveries stored behind them
// must not be fetched before them.
func (o *Organ) handBack(r *Run, ds []*contract.Delivery) {
	if len(ds) == 0 {
		return
	}
	o.breaker.takeTrialBack()
	for {
		err := o.consumer.Release(r.Settling, ds)
		if err == nil || errors.Is(err, contract.ErrClosed) {
			return
		}
		if !r.NoteFailedCall(r.Settling, "release", o.Name, err) || o.orderInEffect() == contract.OrderFirstAttempts {
			return
		}
	}
}

// pointersTo returns the deliveries of a batch in the form that the contract takes for parts of several batches.
func pointersTo(ds []contract.Delivery) []*contract.Delivery {
	list := make([]*contract.Delivery, len(ds))
	for i := range ds {
		list[i] = &ds[i]
	}
	return list
}

// extendLeases renews leases. ok is false when the backend failed. It takes a third of the lease at most: an answer
// that comes later is of no use, because the next round is due.
func (o *Organ) extendLeases(r *Run, ds []*contract.Delivery) (lost []*contract.Delivery, ok bool) {
	ctx, cancel := context.WithTimeout(r.Settling, o.engine.Lease/3)
	defer cancel()
	lost, err := o.consumer.Extend(ctx, ds)
	if err != nil {
		r.NoteFailedCall(r.Settling, "extend", o.Name, err)
	}
	return lost, err == nil
}

// freeBatchKeys tells the feed which deliveries run no more, and hands back the deliveries behind one that holds its
// key, or behind an open breaker. The keys are freed last, because a free key lets its next delivery run, which has
// to go back instead.
func (o *Organ) freeBatchKeys(r *Run, ds []contract.Delivery, held bool) {
	if o.Policy.Concurrency == 1 {
		return
	}
	for i := range ds {
		if held {
			o.releaseWaiting(r, ds[i].Key, o.breaker.isOpen())
		}
	}
	o.feed.freeKeys(ds)
}

// releaseWaiting hands back what the feed holds: of one key, or everything.
func (o *Organ) releaseWaiting(r *Run, key string, all bool) {
	o.handBackFed(r, o.feed.handBack(held{key, all}))
}

// handBackFed releases deliveries that have left the feed, and lets it fetch again. The feed fetches nothing in
// between: a Fetch could bring deliveries that are stored behind those that go back.
func (o *Organ) handBackFed(r *Run, ds []*contract.Delivery) {
	if len(ds) > 0 {
		o.handBack(r, ds)
		o.feed.endReturn()
	}
}
