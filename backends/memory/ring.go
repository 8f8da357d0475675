package memory

import necro "github.com/necrostack/necrogen/runtime"

// ringKeep is the capacity that an empty ring keeps.
const ringKeep = 1 << 13

// stored is a message with its place in stored order.
type stored struct {
	necro.Message
	seq uint64
}

// ring is a queue of messages in one allocation that doubles when it is full, and is let
// go when it has run empty after having been large.
type ring struct {
	items []stored // its length is a power of two, or 0
	head  int
	n     int
}

// push returns the place behind the last one, for the caller to fill.
func (r *ring) push() *stored {
	if r.n == len(r.items) {
		r.grow()
	}
	r.n++
	return &r.items[(r.head+r.n-1)&(len(r.items)-1)]
}

func (r *ring) grow() {
	items := make([]stored, max(64, 2*len(r.items)))
	n := copy(items, r.items[r.head:])
	copy(items[n:], r.items[:r.head])
	r.items, r.head = items, 0
}

// first returns the oldest; there must be one.
func (r *ring) first() *stored { return &r.items[r.head] }

// drop takes the oldest away; there must be one.
func (r *ring) drop() {
	r.items[r.head] = stored{}
	r.head = (r.head + 1) & (len(r.items) - 1)
	r.n--
	if r.n == 0 && len(r.items) > ringKeep {
		r.items, r.head = nil, 0
	}
}
