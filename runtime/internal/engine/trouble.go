package engine

import (
	"sync"
	"sync/atomic"
	"time"
)

// trouble is a time in which calls of the backend fail. It begins with the first one, and ends when
// every kind of call that failed has succeeded, for each organ: a server that takes fetches and
// refuses settles is still in trouble. The zero value is no trouble.
//
// mu guards all fields but any, which is written with mu held and read without: a call that succeeds while any is
// false has nothing to end. A failure noted a moment later is ended by the next success.
type trouble struct {
	any atomic.Bool // something is in failing; lets a call that succeeds go past without the mutex

	mu      sync.Mutex
	failing map[callKind]bool
	since   time.Time
	last    time.Time // when a call failed last
	calls   int       // that failed since then
}

// callKind is a method of the backend, and the organ for which it is called.
type callKind struct{ what, organ string }

// beginTrouble notes a failed call, and reports whether trouble begins with it. The time of the first failed call is
// when it began, whatever failed before in a trouble that has ended.
func (t *trouble) beginTrouble(what, organ string) (begins bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = time.Now()
	if begins = len(t.failing) == 0; begins {
		t.failing, t.since, t.calls = map[callKind]bool{}, t.last, 0
	}
	t.failing[callKind{what, organ}] = true
	t.calls++
	t.any.Store(true)
	return begins
}

// endTrouble notes a call that succeeded, and reports whether trouble ends with it. Releases and renewals of an organ
// may not come again, so any call of the organ that succeeds stands for them. Other kinds of calls end alone with a
// success of their own kind.
func (t *trouble) endTrouble(what, organ string) (ended bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.failing) == 0 {
		return false
	}
	for _, call := range []string{what, "release", "extend"} {
		delete(t.failing, callKind{call, organ})
	}
	t.any.Store(len(t.failing) > 0)
	return len(t.failing) == 0
}

// endAllTrouble ends all trouble, and reports whether there was any. The run calls it when the backend has answered
// in another way, and at its end, because calls of a former run are not repeated by the next one.
func (t *trouble) endAllTrouble() (was bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	was = len(t.failing) > 0
	clear(t.failing)
	t.any.Store(false)
	return was
}

// quietFor returns how long no call has failed, while there is trouble.
func (t *trouble) quietFor() (d time.Duration, in bool) {
	if !t.any.Load() {
		return 0, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Since(t.last), len(t.failing) > 0
}

// lastTrouble tells how long the last trouble took, and how many calls failed.
func (t *trouble) lastTrouble() (took time.Duration, calls int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Since(t.since), t.calls
}
