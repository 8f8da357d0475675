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
// Invariant: seen and order have the same ids, at most recentLimit of them, and none is kept for much
// longer than recentWindow while ids are added.
type recent struct {
	seen  map[contract.ID]struct{}
	order []seenID // oldest first
}

// seenID is an id with the time when it was seen, by the monotonic clock.
type seenID struct {
	id contract.ID
	at time.Time
}

// addNew reports whether the id is new, and remembers it.
func (r *recent) addNew(id contract.ID) bool {
	now := time.Now()
	for len(r.order) > 0 && (len(r.order) >= recentLimit || now.Sub(r.order[0].at) > recentWindow) {
		delete(r.seen, r.order[0].id)
		r.order = r.order[1:]
	}
	if _, ok := r.seen[id]; ok {
		return false
	}
	if r.seen == nil {
		r.seen = map[contract.ID]struct{}{}
	}
	r.seen[id] = struct{}{}
	r.order = append(r.order, seenID{id, now})
	return true
}
