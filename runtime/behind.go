package necro

import "slices"

// behindFrom is the smallest number of outcomes that are settled behind the next batch: so
// many are left only where handlers are fast, and to settle takes as long as they do.
const behindFrom = 64

// notes are what a worker has to say of a batch. Who settles behind has those of the batch
// before.
type notes struct {
	outcomes []Outcome
	results  []result
	box      outbox
	copies   []Delivery
}

// settlesBehind reports whether the organ may settle a batch while it runs the next one:
// where a settle is a round trip that is worth it, and holds nothing back.
func (o *organ) settlesBehind() bool {
	return o.spine.encodes && o.policy.Concurrency == 1 && o.order() == OrderFirstAttempts && !o.exclusive()
}

// lags reports whether what is left of a batch that ran to its end is settled behind the
// next one. A dead letter may pause the organ: no other batch is to be run before it is known.
func (w *worker) lags() bool {
	left := w.outcomes[w.settled.Load():len(w.batch)]
	return w.organ.settlesBehind() && len(left) >= behindFrom && !slices.ContainsFunc(left, isDead)
}

func isDead(o Outcome) bool { return o.Kind == OutcomeDead }

// turnPage takes what is left of a batch out of the worker's hands. The deliveries are
// copied: while their outcomes are booked the next Fetch may use their memory again.
func (w *worker) turnPage() ([]Outcome, []result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	from, n := int(w.settled.Load()), len(w.batch)
	w.copies = append(w.copies[:0], w.batch[from:]...)
	outcomes, results := w.outcomes[from:n], w.results[from:n]
	for i := range outcomes {
		outcomes[i].Delivery = &w.copies[i]
	}
	w.behind = w.copies
	w.settled.Store(int64(n))
	w.notes, w.spare = w.spare, w.notes
	return outcomes, results
}

// settleBehind settles while the worker goes on. It was handed the lock: so at most one batch
// is behind, outcomes are settled in order, and whoever settles something else, hands back or
// leaves waits for it.
func (w *worker) settleBehind(outcomes []Outcome, results []result) {
	defer w.organ.watch.notice() // it could not settle what is finished behind a slow handler
	defer w.settling.unlock()
	w.organ.settle(w.run, outcomes, results)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.behind = nil
}
