package batch

import (
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Leased are the deliveries of a batch whose leases are to be renewed: those that are neither settled nor offered. They
// are copies, because the memory of the batch may be used again before the backend has renewed them.
type Leased struct {
	Deliveries []contract.Delivery
	Started    int // suspects among Deliveries[:Started] were marked as started
	number     int64
	from       int // index of Deliveries[0] in the batch
}

// Leased returns what the keeper has to renew.
func (b *Batch[C]) Leased() (l Leased) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.Position()
	if p.number() != b.number {
		return Leased{}
	}
	l.number, l.from = b.number, int(b.settled.Load())
	if started := Position(b.started.Load()); started.number() == b.number {
		l.Started = max(0, started.Index()-l.from)
	}
	l.Deliveries = slices.Clone(b.notOffered(p)[l.from:])
	return l
}

// LoseLeases tells the worker that the leases of some deliveries were lost. For each of them that is not settled it calls
// tell with the delivery's context. isLost reports of each of l.Deliveries whether it is lost. When the batch has ended,
// nothing happens. The keeper calls it.
func (b *Batch[C]) LoseLeases(l Leased, isLost func(*contract.Delivery) bool, tell func(*C)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.number != b.number {
		return
	}
	end := min(len(b.deliveries), l.from+len(l.Deliveries))
	for i := int(b.settled.Load()); i < end; i++ {
		if isLost(&l.Deliveries[i-l.from]) {
			b.lost.Store(true)
			tell(&b.contexts[i])
		}
	}
}
