package memory

// heapOf is a binary heap, guarded by the mutex of its owner: first is the entry with the smallest key, of equal keys the
// one with the smallest tie. Entries are small, so that moving one copies little: the delivery that waits is behind a
// pointer. The zero value is an empty heap.
//
// Invariant: no entry is before its parent, the entry at half of its place.
//
// Push, pop, removeAt and replaceFirst cost the logarithm of the length, first and len nothing. An owner that removes
// from the middle knows the place by moved: it is called for every place that a value gets, also while the heap is
// put in order.
type heapOf[T any] struct {
	entries []entry[T]
	moved   func(value T, at int) // told of every place that a value gets; may be nil
}

// entry is a value with the key, and the tie between equal keys, that give it its place.
type entry[T any] struct {
	key, tie uint64
	value    T
}

// before reports whether e comes in front of other. The tie decides between equal keys, so that deliveries that are
// due at one instant come in stored order.
func (e *entry[T]) before(other *entry[T]) bool {
	return e.key < other.key || e.key == other.key && e.tie < other.tie
}

// len returns how many entries there are.
func (h *heapOf[T]) len() int { return len(h.entries) }

// first returns the first entry; there must be one.
func (h *heapOf[T]) first() entry[T] { return h.entries[0] }

// push adds an entry. Nothing checks whether its value is in the heap already: each owner keeps a value in one heap
// at most.
func (h *heapOf[T]) push(e entry[T]) {
	h.entries = append(h.entries, e)
	h.riseFrom(len(h.entries)-1, e)
}

// pop removes first and returns it; there must be one.
func (h *heapOf[T]) pop() entry[T] {
	e := h.entries[0]
	h.removeAt(0)
	return e
}

// removeAt takes away the entry at a place that moved has told. The last entry fills the hole, and the place behind
// it is cleared, because a stale entry would keep its delivery in memory.
func (h *heapOf[T]) removeAt(at int) {
	end := len(h.entries) - 1
	last := h.entries[end]
	h.entries[end] = entry[T]{}
	h.entries = h.entries[:end]
	if at < end {
		h.fillHole(at, last)
	}
}

// replaceFirst gives the first entry a key that is not smaller than its own.
func (h *heapOf[T]) replaceFirst(key uint64) {
	e := h.entries[0]
	e.key = key
	h.fillHole(0, e)
}

// fillHole finds the place of e, which replaces the entry at a place. The hole sinks to the bottom
// along the smaller children and e rises from there, because e mostly comes from the bottom.
func (h *heapOf[T]) fillHole(at int, e entry[T]) {
	for {
		child := 2*at + 1
		if child >= len(h.entries) {
			break
		}
		if right := child + 1; right < len(h.entries) && h.entries[right].before(&h.entries[child]) {
			child = right
		}
		h.putAt(at, h.entries[child])
		at = child
	}
	h.riseFrom(at, e)
}

// riseFrom puts e into the hole at a place, or above.
func (h *heapOf[T]) riseFrom(at int, e entry[T]) {
	for at > 0 {
		parent := (at - 1) / 2
		if !e.before(&h.entries[parent]) {
			break
		}
		h.putAt(at, h.entries[parent])
		at = parent
	}
	h.putAt(at, e)
}

// putAt writes an entry into a place, and tells moved. Every move of an entry goes through it, so that the places
// that owners know are right whenever the mutex is free.
func (h *heapOf[T]) putAt(at int, e entry[T]) {
	h.entries[at] = e
	if h.moved != nil {
		h.moved(e.value, at)
	}
}
