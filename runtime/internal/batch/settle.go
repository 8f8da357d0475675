package batch

import "github.com/necrostack/necrogen/runtime/contract"

// LockSettling takes the right to settle, and waits while another goroutine has it.
func (b *Batch[C]) LockSettling() { b.settling <- struct{}{} }

// TryLockSettling takes the right to settle, and reports false instead of waiting.
func (b *Batch[C]) TryLockSettling() bool {
	select {
	case b.settling <- struct{}{}:
		return true
	default:
		return false
	}
}

// UnlockSettling gives the right to settle back. Another goroutine than the one that took it may do so.
func (b *Batch[C]) UnlockSettling() { <-b.settling }

// Unsettled returns the deliveries in front of a position whose outcomes are not settled, and the index of the first of
// them. There is none when the batch of the position has ended. The caller has the right to settle. For as long as it keeps
// it, and until it has moved the mark with MarkSettled, the deliveries and their outcomes are the caller's to read.
func (b *Batch[C]) Unsettled(p Position) (from int, ds []contract.Delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	from = int(b.settled.Load())
	if p.number() != b.number || from >= p.Index() {
		return from, nil
	}
	return from, b.deliveries[from:p.Index()]
}

// MarkSettled notes that the outcomes in front of index upTo are settled, or belong to whoever settles them and renews
// their leases from then on. The caller has the right to settle.
func (b *Batch[C]) MarkSettled(upTo int) { b.settled.Store(int64(upTo)) }
