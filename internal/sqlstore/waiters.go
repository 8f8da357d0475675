package sqlstore

import "sync"

// Waiters are calls that wait for a change. The zero value has none. It is safe for concurrent use.
type Waiters struct {
	mu sync.Mutex
	ch chan struct{} // guarded by mu; nil while no call waits
}

// Wait returns a channel that is closed by the next WakeAll.
func (w *Waiters) Wait() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ch == nil {
		w.ch = make(chan struct{})
	}
	return w.ch
}

// Any reports whether a call may wait.
func (w *Waiters) Any() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ch != nil
}

// WakeAll wakes all calls that wait.
func (w *Waiters) WakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ch != nil {
		close(w.ch)
		w.ch = nil
	}
}
