package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/necrostack/necrogen/runtime/contract"
)

// tailBehind is how many events a call of Tail may be behind. Beyond it events are left out, because storing never waits
// for a reader.
const tailBehind = 10_000

// tail is a call of Tail. Every queue knows it, and so does the backend, for the parks: each gives it what it stores. mu is
// locked last of all mutexes.
type tail struct {
	stored chan struct{} // has a token while waiting may have an event
	closed chan struct{} // closed with the backend

	mu      sync.Mutex
	waiting []contract.Stored // guarded by mu
}

// addStored keeps an event for the reader. It is called with the mutex of a queue, or of the backend, held; so it
// never waits, and leaves out the event when the reader is too far behind.
func (t *tail) addStored(s contract.Stored) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) < tailBehind {
		t.waiting = append(t.waiting, s)
	}
	select {
	case t.stored <- struct{}{}:
	default:
	}
}

// takeWaiting returns what was kept, oldest first.
func (t *tail) takeWaiting() []contract.Stored {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.waiting
	t.waiting = nil
	return list
}

// tellTails gives a stored event to the calls of Tail.
func tellTails(tails []*tail, place, organ string, m *contract.Message) {
	for _, t := range tails {
		t.addStored(contract.Stored{Place: place, Organ: organ, Message: *m})
	}
}

// Tail visits every event that is stored from now on, also one that is handled at once. It leaves out events that come while
// visit is 10,000 behind.
func (b *Backend) Tail(ctx context.Context, visit func(contract.Stored) (more bool)) error {
	t := &tail{stored: make(chan struct{}, 1), closed: make(chan struct{})}
	if !b.changeTails(func(all []*tail) []*tail { return append(slices.Clip(all), t) }) {
		return contract.ErrClosed
	}
	defer b.changeTails(func(all []*tail) []*tail {
		return slices.DeleteFunc(slices.Clone(all), func(other *tail) bool { return other == t })
	})
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.closed:
			return contract.ErrClosed
		case <-t.stored:
		}
		if more, err := visitAll(ctx, t.takeWaiting(), visit); err != nil || !more {
			return nil
		}
	}
}

// changeTails gives the backend and all queues another list of calls. It reports false, and does nothing, when the
// backend is closed. The list is replaced and never changed in place, because the queues share it. All mutexes are
// held, so that every event is stored with either list.
func (b *Backend) changeTails(change func([]*tail) []*tail) bool {
	locked := b.lockAll()
	defer b.unlockAll(locked)
	if b.routing.Load().closed {
		return false
	}
	b.tails = change(b.tails)
	if len(b.tails) == 0 {
		b.tails = nil
	}
	for _, q := range locked {
		q.tails = b.tails
	}
	return true
}
