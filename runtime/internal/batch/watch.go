package batch

import (
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Position returns where the batch is. Any goroutine may call it: what it returns is what Offer and Abandon compare.
func (b *Batch[C]) Position() Position { return Position(b.position.Load()) }

// ContextsAt returns the contexts of the deliveries that the handler at a position was called with, or none when its batch
// has ended.
func (b *Batch[C]) ContextsAt(p Position) []C {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := p.Index(); p.number() == b.number && i < len(b.contexts) {
		return b.contexts[i:b.endOfCall(i)]
	}
	return nil
}

// Offer takes the deliveries behind the call at a position away from the worker, and returns copies of them. There is none when the
// worker has moved on from the position, runs the last one, or has lost them to an offer before. The caller has the right to settle, and keeps it
// until the deliveries are offered: the worker then fetches nothing that is stored behind them before.
func (b *Batch[C]) Offer(p Position) (rest []contract.Delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	end := b.endOfCall(p.Index())
	if p.number() != b.number || p.RestOffered() || end >= len(b.deliveries) {
		return nil
	}
	rest = slices.Clone(b.deliveries[end:])
	if !b.position.CompareAndSwap(int64(p), int64(p|restOffered)) {
		return nil
	}
	return rest
}

// Abandon takes the batch away from a worker whose handler runs at a position, and returns copies of what is left of it: all
// deliveries but those that were offered. Those from the position to end are in the handler's call. ok is false when the worker has moved on. The caller has the right to settle, and
// has settled what is in front of the position, so that a worker which is about to end the batch keeps it.
func (b *Batch[C]) Abandon(p Position) (ds []contract.Delivery, end int, ok bool) {
	b.mu.Lock() // the worker of an abandoned batch may begin the next one at once, with other deliveries
	defer b.mu.Unlock()
	if !p.IsRunning() || !b.position.CompareAndSwap(int64(p), int64(Abandoned)) {
		return nil, 0, false
	}
	end = p.Index() + 1
	if b.callFrom == p.Index() { // else the call has returned, and its outcomes are being noted
		end = b.endOfCall(p.Index())
	}
	return slices.Clone(b.notOffered(p)), end, true
}

// notOffered returns the batch as far as it was not offered at a position. The caller holds mu.
func (b *Batch[C]) notOffered(p Position) []contract.Delivery {
	if p.RestOffered() {
		return b.deliveries[:b.endOfCall(p.Index())]
	}
	return b.deliveries
}
