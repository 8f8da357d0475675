package memory

import (
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

const (
	recentWindow = 10 * time.Minute
	recentLimit  = 1_000_000
)

// recent remembers the ids that callers chose, so that a Publish which is repeated stores
// its event once. The backend's mutex guards it.
//
// Invariant: an id in seen has its entry in order under the number that seen tells, and an entry whose id is not there, or
// under another number, was forgotten. Both have at most recentLimit ids, and none is kept for much longer than recentWindow
// while ids are added.
type recent struct {
	seen  map[contract.ID]uint64 // numbers of entries in order
	order []seenID               // oldest first
	first uint64                 // number of the oldest entry
}

// seenID is an id with the time when it was seen, by the monotonic clock.
type seenID struct {
	id contract.ID
	at time.Time
}

// forget lets an id be used again.
func (r *recent) forget(id contract.ID) { delete(r.seen, id) }

// addNew reports whether the id is new, and remembers it.
func (r *recent) addNew(id contract.ID) bool {
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
