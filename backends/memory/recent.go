package memory

import (
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

const (
	// recentWindow is how long an id is remembered whose message names no time of its own.
	recentWindow = contract.DefaultMemory
	// recentLimit is how many ids of each kind are remembered at most, so that the memory is bounded.
	recentLimit = 1_000_000
)

// recent remembers the ids that callers chose, so that a Publish which is repeated stores
// its event once. The backend's mutex guards it.
//
// There are two kinds: ids that are remembered for recentWindow, of which the oldest go early when there are too many, and
// those with a time of their own, in kept, which never go early.
//
// Invariant: an id in seen has its entry in order under the number that seen tells, and an entry whose id is not there, or
// under another number, was forgotten. Both have at most recentLimit ids, and none is kept for much longer than recentWindow
// while ids are added.
type recent struct {
	seen  map[contract.ID]uint64 // numbers of entries in order
	order []seenID               // oldest first
	first uint64                 // number of the oldest entry

	kept   map[contract.ID]*keptID
	expiry heapOf[*keptID] // those of kept, by the nanosecond of the backend's clock when their time is over
}

// keptID is an id that is remembered for a time of its own.
type keptID struct {
	id contract.ID
	at int // its place in expiry
}

// seenID is an id with the time when it was seen, by the monotonic clock.
type seenID struct {
	id contract.ID
	at time.Time
}

// forget lets an id be used again.
func (r *recent) forget(id contract.ID) {
	delete(r.seen, id)
	if k := r.kept[id]; k != nil {
		r.expiry.removeAt(k.at)
		delete(r.kept, id)
	}
}

// forgetExpired forgets ids whose own time is over.
func (r *recent) forgetExpired(now instant) {
	for r.expiry.len() > 0 && r.expiry.first().key <= uint64(now) {
		delete(r.kept, r.expiry.pop().value.id)
	}
}

// hasRoom reports whether the ids of messages that ask for a time of their own can be remembered. Those that come
// twice count twice. It is asked before the first message of a call is stored, because a call stores all of its
// messages or none.
func (r *recent) hasRoom(msgs []contract.Message, now instant) bool {
	more := 0
	for i := range msgs {
		if msgs[i].Once && msgs[i].Remember > 0 {
			more++
		}
	}
	if more == 0 {
		return true
	}
	r.forgetExpired(now)
	for i := range msgs {
		if msgs[i].Remember > 0 && r.kept[msgs[i].ID] != nil {
			more--
		}
	}
	return more <= 0 || len(r.kept)+more <= recentLimit
}

// addNew reports whether the id of a message is new, and remembers it for as long as the message says.
func (r *recent) addNew(m *contract.Message, now instant) bool {
	r.forgetExpired(now)
	if r.kept[m.ID] != nil {
		return false
	}
	if m.Remember <= 0 {
		return r.addRecent(m.ID)
	}
	if r.isRecent(m.ID) {
		return false
	}
	if r.kept == nil {
		r.kept = map[contract.ID]*keptID{}
		r.expiry.moved = func(k *keptID, at int) { k.at = at }
	}
	k := &keptID{id: m.ID}
	r.kept[m.ID] = k
	r.expiry.push(entry[*keptID]{key: uint64(now.after(m.Remember)), value: k})
	return true
}

// isRecent reports whether an id was seen within recentWindow.
func (r *recent) isRecent(id contract.ID) bool {
	number, seen := r.seen[id]
	return seen && time.Since(r.order[number-r.first].at) <= recentWindow
}

// addRecent reports whether the id was not seen within recentWindow, and remembers it. Entries are dropped from the
// front: the numbers of the others stay, because first grows with each of them.
func (r *recent) addRecent(id contract.ID) bool {
	now := time.Now()
	for len(r.order) > 0 && (len(r.order) >= recentLimit || now.Sub(r.order[0].at) > recentWindow) {
		if r.seen[r.order[0].id] == r.first {
			delete(r.seen, r.order[0].id)
		}
		r.order = r.order[1:]
		r.first++
	}
	if _, ok := r.seen[id]; ok {
		return false
	}
	if r.seen == nil {
		r.seen = map[contract.ID]uint64{}
	}
	r.seen[id] = r.first + uint64(len(r.order))
	r.order = append(r.order, seenID{id, now})
	return true
}
