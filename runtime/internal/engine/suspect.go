package engine

import (
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A suspect is a delivery that an earlier process had leased when it died: it may have killed it. Most suspects
// are innocent, and all of a dead process come back together. So they run in two stages:
//
//   - A suspect that was never marked as started runs in a group: beside those of other workers, and
//     with the next ones of its batch. When a process dies while a group runs, each member of it has a
//     crash counted, which says no more than that it has to run alone.
//   - A suspect with a crash counted runs alone: no other suspect of its organ runs, and none with a crash
//     counted of any organ of the process. A crash then tells of this delivery, and crashesAlone of
//     them condemn it.
//
// A suspect is marked before it runs (Consumer.Extend), so that a delivery that was only fetched is never
// blamed.
const (
	crashesAlone = 3
	maxCrashes   = 1 + crashesAlone
)

// Bounds of a group: suspects of one batch that are marked together, and workers of an organ that run
// suspects side by side. A crash costs the process so many turns alone at the most.
const (
	maxMarkedTogether = 16
	maxSideBySide     = 64
)

// isolationLimit is how long a suspect waits for a turn that does not change hands: a handler that hangs
// must not stop the others.
const isolationLimit = 5 * time.Second

// turn is a right that several may hold together, or one alone. Holding it is holding tokens: one of
// them, or all. The channel holds one element for each token that is taken, so a worker waits by sending to it.
//
// No worker waits for ever. One that takes all tokens while another one does the same could wait for those that the
// other holds; isolationLimit ends that, and both run. Isolation is the best that can be had then: a group with a handler that hangs
// must not keep the organ from its work.
type turn struct {
	tokens chan struct{}
	passed atomic.Int64 // monotonicNanos of when a token was last given back
}

// newTurn returns a turn that so many may hold side by side, within bounds.
func newTurn(sideBySide int) *turn {
	return &turn{tokens: make(chan struct{}, min(max(sideBySide, 1), maxSideBySide))}
}

// takeTokens takes n tokens. It waits for each until the turn has not changed hands for isolationLimit; then it goes
// on without it. It returns how many it took, and whether done is still open. The caller gives back what it took,
// also when done was closed.
func (t *turn) takeTokens(n int, done <-chan struct{}) (taken int, ok bool) {
	start := monotonicNanos()
	for taken < n {
		left := isolationLimit - time.Duration(monotonicNanos()-max(start, t.passed.Load()))
		if left <= 0 {
			return taken, true
		}
		timer := time.NewTimer(left)
		select {
		case t.tokens <- struct{}{}:
			taken++
		case <-timer.C:
		case <-done:
			timer.Stop()
			return taken, false
		}
		timer.Stop()
	}
	return taken, true
}

// giveBack gives back tokens, and notes that the turn has changed hands: a waiting suspect has isolationLimit from
// here on. The time is noted before the tokens go, so that a waiting suspect never sees a free token with the former
// time.
func (t *turn) giveBack(n int64) {
	if n == 0 {
		return
	}
	t.passed.Store(monotonicNanos())
	for range n {
		<-t.tokens
	}
}

// suspectTurns are the tokens that a worker holds: of its organ, and of the process for suspects with a
// crash counted. The worker's goroutine takes them; the watch may give them back.
type suspectTurns struct {
	ofOrgan   atomic.Int64
	ofProcess atomic.Int64
}

func (s *suspectTurns) holdsTurn() bool { return s.ofOrgan.Load()+s.ofProcess.Load() > 0 }

// isolateSuspect makes sure that the suspect at index i of the batch runs as its stage asks for, and has the
// backend mark it as started, together with the group that it begins. It reports whether the batch goes
// on: not when the run ends, or a delivery of the group is not ours any more.
func (w *worker) isolateSuspect(i int) bool {
	if w.batch.IsStarted(i) {
		return true // marked with its group
	}
	alone := w.batch.Deliveries()[i].Crashes > 0
	if alone {
		w.settleNow(i) // a delivery that is settled is not blamed for this one
	}
	lost, ok, end := []*contract.Delivery(nil), w.takeTurns(alone), 0
	if ok = ok && w.batch.Owns(i); ok {
		ds := w.batch.Deliveries() // without those that the watch has offered meanwhile
		end = groupEnd(ds, i)
		lost, ok = w.organ.extendLeases(w.run, suspectsOf(ds[i:end]))
	}
	if !ok || len(lost) > 0 {
		w.giveTurnsBack()
		return false
	}
	w.batch.MarkStarted(end)
	return true
}

// groupEnd returns the index behind the group that the suspect at index i begins.
func groupEnd(batch []contract.Delivery, i int) int {
	end := i + 1
	for batch[i].Crashes == 0 && end < min(len(batch), i+maxMarkedTogether) && batch[end].Crashes == 0 {
		end++
	}
	return end
}

// suspectsOf returns the suspects among deliveries.
func suspectsOf(ds []contract.Delivery) (list []*contract.Delivery) {
	for i := range ds {
		if ds[i].Suspect {
			list = append(list, &ds[i])
		}
	}
	return list
}

// takeTurns takes what a suspect needs to run, and reports whether the run goes on. The token of the process comes first:
// a worker that held all tokens of its organ while it waits for the suspect of another organ would keep the suspects of its
// own from running.
func (w *worker) takeTurns(alone bool) bool {
	done, wanted := w.run.Fetching.Done(), 1
	if alone {
		taken, ok := w.organ.engine.crashed.takeTokens(1, done)
		w.ofProcess.Add(int64(taken))
		if !ok {
			return false
		}
		wanted = cap(w.organ.suspects.tokens)
	}
	taken, ok := w.organ.suspects.takeTokens(wanted, done)
	w.ofOrgan.Add(int64(taken))
	return ok
}

// giveTurnsBack gives back the turns that the worker holds. The watch calls it, too. Each counter is swapped for 0,
// so that of the worker and the watch one alone gives a token back.
func (w *worker) giveTurnsBack() {
	w.organ.suspects.giveBack(w.ofOrgan.Swap(0))
	w.organ.engine.crashed.giveBack(w.ofProcess.Swap(0))
}
