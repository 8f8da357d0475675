// Package once lets an organ that keeps state in memory apply an event once, however often
// it is delivered.
package once

import necro "github.com/necrostack/necrogen/runtime"

// Memo remembers what became of the latest events. It holds at least the last size events
// and at most twice as many, so its memory is bounded. It is not safe for concurrent use.
//
// How many are enough? An event can come again only until it was settled. An exclusive
// organ with concurrency 1 has at most one batch of 128 deliveries that are not.
type Memo[V any] struct {
	size       int
	young, old map[necro.ID]V
}

// New returns an empty memo.
func New[V any](size int) *Memo[V] {
	return &Memo[V]{size: size, young: make(map[necro.ID]V, size), old: make(map[necro.ID]V, size)}
}

// Do returns the answer to the event with this id: the remembered one, or that of apply,
// which is called for an id that is new.
func (m *Memo[V]) Do(id necro.ID, apply func() V) V {
	if v, ok := m.young[id]; ok {
		return v
	}
	if v, ok := m.old[id]; ok {
		return v
	}
	if len(m.young) >= m.size {
		m.young, m.old = m.old, m.young
		clear(m.young)
	}
	v := apply()
	m.young[id] = v
	return v
}
