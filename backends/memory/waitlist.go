package memory

// waitList holds calls that wait, longest first. Entering, leaving and waking cost the same
// however many wait. A mutex of its owner guards it and the links of its waiters.
//
//	waiter: waiting --wakeFirst--> woken, with a notice in its channel
//	               '--removeWaiter--> gone
//
// Invariant: a waiter is in the list if and only if it is waiting, and gets one notice at most.
type waitList struct{ first, last *waiter }

// waiter is one call that waits. Its channel gets one value when the call is woken.
type waiter struct {
	woken      chan struct{}
	prev, next *waiter
	waiting    bool // in a list; false once it was woken
}

// addWaiter appends a new waiter.
func (l *waitList) addWaiter() *waiter {
	w := &waiter{woken: make(chan struct{}, 1), prev: l.last, waiting: true}
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
	return w
}

// removeWaiter takes a waiter out, and reports whether it was still waiting. Else it has a
// notice, which the caller has to use or to pass on.
func (l *waitList) removeWaiter(w *waiter) bool {
	if !w.waiting {
		return false
	}
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next, w.waiting = nil, nil, false
	return true
}

// wakeFirst wakes the longest waiting call; it reports false when none waits. Its channel has room for the one
// notice, so that waking never waits.
func (l *waitList) wakeFirst() bool {
	w := l.first
	if w == nil {
		return false
	}
	l.removeWaiter(w)
	w.woken <- struct{}{}
	return true
}

// wakeAll wakes every waiting call.
func (l *waitList) wakeAll() {
	for l.wakeFirst() {
	}
}
