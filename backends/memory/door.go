package memory

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/necrostack/necrogen/runtime/contract"
)

// door counts the deliveries that the backend holds, and lets publishers wait for room. The
// count is atomic, so that no publisher takes a mutex of all organs while there is room.
//
//	open: wait until there is room ----> closed: wait returns an error
//
// Invariant: a publisher that waits is woken by the countOut that makes room, or finds the room itself:
// it enters the list before it looks at the count again, and countOut lowers the count before it looks
// at waiting.
type door struct {
	limit int64        // written by New alone
	held  atomic.Int64 // deliveries that are ready, leased or scheduled, for all organs

	_       [64]byte     // held changes with every event, so the fields below have a cache line of their own
	waiting atomic.Int64 // calls in wait
	mu      sync.Mutex   // guards calls and closed; nothing is locked under it
	calls   waitList
	closed  bool
}

// countIn counts n deliveries in. It reports false, and counts nothing, when the limit is
// reached. A call may exceed the limit by its own deliveries, since a batch is stored as a whole.
func (d *door) countIn(n int) bool {
	for {
		held := d.held.Load()
		if held >= d.limit {
			return false
		}
		if d.held.CompareAndSwap(held, held+int64(n)) {
			return true
		}
	}
}

// countOut counts n deliveries out, or in when n is negative, and wakes as many publishers as there is room for. It may be called with any
// mutex held: waking takes the door's alone, which is the last in the order of locks, and never waits for the publisher.
func (d *door) countOut(n int) {
	held := d.held.Add(int64(-n))
	if n > 0 && held < d.limit && d.waiting.Load() > 0 {
		d.wakeCalls(d.limit - held)
	}
}

// wakeCalls wakes so many of the calls that wait longest.
func (d *door) wakeCalls(calls int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for ; calls > 0 && d.calls.wakeFirst(); calls-- {
	}
}

// waitForRoom returns nil when there may be room, and ctx's error when ctx ends first. The caller tries countIn again
// after nil, because another publisher may have taken the room.
func (d *door) waitForRoom(ctx context.Context) error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return contract.ErrClosed
	}
	w := d.calls.addWaiter()
	d.waiting.Add(1)
	d.mu.Unlock()
	defer d.waiting.Add(-1)
	if d.held.Load() < d.limit { // a leave that saw no waiter made room before
		d.wakeCalls(1)
	}
	select {
	case <-w.woken:
		return nil
	case <-ctx.Done():
	}
	d.mu.Lock()
	woken := !d.calls.removeWaiter(w)
	d.mu.Unlock()
	if woken {
		d.wakeCalls(1) // the room goes to a call that can use it
	}
	return ctx.Err()
}

// closeDoor wakes every call that waits, and lets no other wait.
func (d *door) closeDoor() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.calls.wakeAll()
}
