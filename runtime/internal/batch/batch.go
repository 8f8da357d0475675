// Package batch holds one type, [Batch]: the deliveries that one worker of an organ has fetched, and the protocol by
// which other goroutines look at them, settle them and take them away while the worker runs them.
//
// # Who meets here
//
// Three goroutines share a batch. The worker runs the handlers, one delivery after the other. The watch looks after
// slow handlers: it settles the outcomes that are finished behind one, offers the deliveries that wait behind one to
// other processes, and abandons a handler that ignores its cancelled context. The keeper renews the leases of the
// deliveries that are not settled, and tells handlers whose lease is lost. The package does no I/O and starts no
// goroutine, so that all of this is tested without a backend.
//
// # States
//
// A batch is in one state, which is one atomic number, the [Position]:
//
//	         Begin                Finish(i)
//	Idle ------------> running 0 -----------> running 1 ... running n
//	  ^                    |  ^                                 |
//	  |             Offer  |  | Owns: the batch ends behind i   |
//	  |                    v  |                                 |
//	  |             running i, rest offered                     |
//	  |                    |                                    |
//	  |   End              | Abandon(i), from either            | End
//	  +----- Abandoned <---+                                    |
//	  +---------------------------------------------------------+
//
// The worker moves a batch by Begin, Finish and End, the watch by Offer and Abandon. Each move out of a running state
// is one compare-and-swap from the position that its caller saw, so of a worker that finishes a delivery and a watch
// that abandons it exactly one succeeds. The number of the batch is a part of the position: what the watch saw of the
// batch before never matches this one.
//
// # Invariants
//
//   - Outcomes in front of the position are complete. The worker writes the outcome of delivery i between Owns(i) and
//     Finish(i), and never again until the next Begin.
//   - Outcomes in front of the settled mark are settled, or on their way with another owner. The mark moves only
//     under the right to settle ([Batch.LockSettling]), and never passes the position.
//   - A batch with outcomes that are not settled stays the same batch for as long as a goroutine has the right to
//     settle: the worker needs that right before End, and the watch before Abandon.
//   - After End the memory of the deliveries belongs to the backend again. The keeper and the watch get copies.
package batch

import (
	"sync"
	"sync/atomic"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Batch is the batch of one worker, one after the other. C is what the worker keeps for each delivery while its
// handler runs: the handler's context. Init makes it ready.
type Batch[C any] struct {
	position atomic.Int64 // a Position
	lost     atomic.Bool  // set by the keeper: the lease of a delivery that is not settled was lost
	settled  atomic.Int64 // outcomes in front of it are settled; moved with the right to settle
	started  atomic.Int64 // Position behind the last suspect that the backend has marked as started; set by the worker
	settling settleRight

	// mu lets the watch and the keeper read the fields below. Only the worker's goroutine writes them, so it reads
	// them without mu.
	mu         sync.Mutex
	number     int64 // of this batch; 0 before the first
	deliveries []contract.Delivery
	callFrom   int // deliveries[callFrom:callEnd] are in the call of a handler that takes several; set by Claim
	callEnd    int
	contexts   []C // one for each delivery; never used for a second batch, because a handler may keep its own
}

// settleRight is a mutex that may be held while a backend takes its time. It is a channel, because a goroutine that
// waits for a channel counts as waiting for virtual time (testing/synctest), and one that waits for a mutex does not.
type settleRight chan struct{}

// Init makes the batch idle. It is called once, before anything else: a batch is a field of its worker, because an event
// passes it several times.
func (b *Batch[C]) Init() {
	b.settling = make(settleRight, 1)
	b.position.Store(int64(Idle))
}

// Begin takes deliveries, of which the first one runs next. The worker calls it, with at least one delivery, when the
// batch before has ended.
func (b *Batch[C]) Begin(ds []contract.Delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.number++
	b.deliveries, b.contexts = ds, make([]C, len(ds))
	b.callFrom, b.callEnd = 0, 0
	b.settled.Store(0)
	b.lost.Store(false)
	b.position.Store(int64(b.PositionOf(0)))
}

// Deliveries returns the batch, for the worker alone. It is shorter than it was at Begin once the rest was offered.
func (b *Batch[C]) Deliveries() []contract.Delivery { return b.deliveries }

// Context returns the context of a delivery, for the worker alone.
func (b *Batch[C]) Context(i int) *C { return &b.contexts[i] }

// PositionOf returns the position at which the delivery at index i of this batch runs. The worker calls it.
func (b *Batch[C]) PositionOf(i int) Position { return newPosition(b.number, i) }

// HasLost reports whether the lease of a delivery that is not settled was lost. Any goroutine may call it.
func (b *Batch[C]) HasLost() bool { return b.lost.Load() }

// Owns reports whether the batch is still the worker's, which is at index i of it: false says that the watch has
// abandoned it. Where the watch has offered the rest, the batch ends behind i from here on.
func (b *Batch[C]) Owns(i int) bool {
	return b.position.Load() == int64(b.PositionOf(i)) || b.acceptOffer(i)
}

// Claim says that the handler is called with the deliveries from index i to end, which is behind the last of them: they are
// neither offered nor left out from here on. It returns where they end, which is sooner when the watch has offered the rest
// before, and i when it has abandoned the batch. The worker calls it while it is at index i.
func (b *Batch[C]) Claim(i, end int) int {
	for b.Owns(i) {
		if end = min(end, len(b.deliveries)); b.claim(i, end) {
			return end
		}
	}
	return i
}

func (b *Batch[C]) claim(i, end int) bool {
	b.mu.Lock() // Offer and Abandon move the position with mu held
	defer b.mu.Unlock()
	if b.Position() != b.PositionOf(i) {
		return false
	}
	b.callFrom, b.callEnd = i, end
	return true
}

// Split takes back what Claim said: the deliveries run one by one, each in a new context, because that of the call has ended. The
// worker calls it.
func (b *Batch[C]) Split() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.callFrom, b.callEnd = 0, 0
	b.contexts = make([]C, len(b.contexts))
}

// endOfCall returns the index behind the deliveries that the handler is called with, of which that at index i is one. The
// caller holds mu, or is the worker.
func (b *Batch[C]) endOfCall(i int) int {
	if b.callFrom <= i && i < b.callEnd {
		return b.callEnd
	}
	return i + 1
}

// acceptOffer ends the batch behind the call of index i when the watch has offered the rest, and reports whether the batch is still
// the worker's.
func (b *Batch[C]) acceptOffer(i int) bool {
	at := b.PositionOf(i)
	if b.Position() != at|restOffered {
		return false
	}
	b.mu.Lock()
	b.deliveries = b.deliveries[:b.endOfCall(i)]
	b.mu.Unlock()
	return b.position.CompareAndSwap(int64(at|restOffered), int64(at))
}

// Finish moves the worker from index i to the next one, and reports whether the batch is still its own. The outcome of
// delivery i is complete before the call, and belongs to whoever settles from then on.
func (b *Batch[C]) Finish(i int) bool {
	return b.moveOn(i) || b.finishOffered(i)
}

func (b *Batch[C]) moveOn(i int) bool {
	return b.position.CompareAndSwap(int64(b.PositionOf(i)), int64(b.PositionOf(i+1)))
}

// finishOffered is Finish where the watch has offered the rest, or abandoned the delivery, since the worker looked.
func (b *Batch[C]) finishOffered(i int) bool {
	for b.Owns(i) {
		if b.moveOn(i) {
			return true
		}
	}
	return false
}

// MarkStarted notes that the backend has marked the suspects in front of index end as started. The worker calls it.
func (b *Batch[C]) MarkStarted(end int) { b.started.Store(int64(b.PositionOf(end))) }

// IsStarted reports whether the delivery at index i is in front of the last mark. The worker calls it.
func (b *Batch[C]) IsStarted(i int) bool { return int64(b.PositionOf(i)) < b.started.Load() }

// End makes the batch idle. The worker calls it, with the right to settle unless the batch was abandoned: from here on
// the backend may use the memory of the deliveries again.
func (b *Batch[C]) End() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.position.Store(int64(Idle))
}
