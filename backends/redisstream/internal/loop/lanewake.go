package loop

import (
	"time"
)

// lookAtLanes has the Fetch of an organ with lanes look for itself, because a claim renews the lanes, and reports whether the
// organ has some.
func (q *queue) lookAtLanes() bool {
	if !q.hasLanes() {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held.IsStale(q.lookEvery(), time.Now()) {
		q.held.AskLook()
		q.notifyWaiting()
	}
	return true
}

// awaitLanes waits for entries behind those that were read, or for a bell that says that lanes were given back, and wakes the
// Fetches of their organs.
func (r *reader) awaitLanes(queues []*queue) error {
	var streams, ids []any
	owner, bells := map[string]*queue{}, map[string]bool{}
	for _, q := range queues {
		q.mu.Lock()
		at := beginning.later(q.lanes.at)
		q.mu.Unlock()
		for _, s := range []struct{ key, id string }{{q.key("q"), at.main}, {q.key("first"), at.front}, {q.key("bell"), "$"}} {
			streams, ids = append(streams, s.key), append(ids, s.id)
			owner[s.key] = q
		}
		bells[q.key("bell")] = true
	}
	words := append([]any{"xread", "COUNT", 1, "BLOCK", int(r.blockFor(queues).Milliseconds()), "STREAMS"}, append(streams, ids...)...)
	replies, err := r.p.SendBlocking(r.p.process.Done, r.number, 1, words)
	if err != nil {
		return err
	}
	lists, err := ParseRead(replies[0])
	for _, l := range lists {
		if q := owner[l.Name]; q != nil {
			q.noteCall(bells[l.Name])
		}
	}
	return err
}

// noteCall wakes the Fetches that wait: there are new entries, or lanes were given back.
func (q *queue) noteCall(bell bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.busy, q.got = true, time.Now(); bell {
		q.lanes.shared = time.Time{}
		q.held.AskLook()
	}
	q.notifyWaiting()
	q.waiting = nil
}
