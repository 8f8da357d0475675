// Package once lets an organ that keeps state in memory apply an event once, however often
// it is delivered.
package once

import necro "github.com/necrostack/necrogen/runtime"

// Memo remembers what became of the latest events. It holds at least the last size events
// and at most twice as many, so its memory is bounded. It is not safe for concurrent use.
//
// How many are enough? An event can come again only until it was settled. An exclusive
// organ with concurrency 1 has at most one batch that is not: 512 deliveries, 128 over memory.
type Memo[V any] struct {
	size       int
	young, old map[necro.ID]V
}

// New returns an empty memo.
func New[V any](size int) *Memo[V] {
	return &Memo[V]{size: size, young: map[necro.ID]V{}, old: map[necro.ID]V{}}
}

// Do returns the answer to the event with this id: the remembered one, or that of apply,
// which is called for an id that is new.
func (m *Memo[V]) Do(id necro.ID, apply func() V) V {
	v, ok := m.Get(id)
	if !ok {
		v = apply()
		m.Put(id, v)
	}
	return v
}

// Get returns the answer to an event, if it is remembered.
func (m *Memo[V]) Get(id necro.ID) (V, bool) {
	if v, ok := m.young[id]; ok {
		return v, true
	}
	v, ok := m.old[id]
	return v, ok
}

// Put remembers the answer to an event.
func (m *Memo[V]) Put(id necro.ID, v V) {
	if len(m.young) >= m.size {
		m.young, m.old = m.old, m.young
		clear(m.young)
	}
	m.young[id] = v
}
