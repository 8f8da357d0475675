package loop

import (
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// An organ is bound in one mode for all processes, whatever each of them wants. A process adopts the mode with each table
// of bindings that it reads. Every script that depends on the mode is told the one that its caller acts by, and refuses
// the call when another one is bound by now. So no delivery is handed out or settled by a mode that has ended.

// wantedMode returns the mode that this process asks for. The mode in effect may be another one, as long as living
// processes want that.
func (q *queue) wantedMode() *table.Mode {
	m := &table.Mode{Order: table.OrderName(q.sub.Order), Exclusive: q.sub.Exclusive}
	if q.sub.Lanes > 1 {
		m.Lanes = q.sub.Lanes
	}
	return m
}

// order returns the order in effect: strict, key or "-". It may change between two calls, so a step that must not meet
// both takes the mode once.
func (q *queue) order() string { return q.mode.Load().Order }

// exclusive reports whether the organ has one owner at a time.
func (q *queue) exclusive() bool { return q.mode.Load().Exclusive }

// hasLanes reports whether the deliveries are spread over lanes.
func (q *queue) hasLanes() bool { return q.mode.Load().Lanes > 1 }

// modeIn returns the organ's mode by a table of bindings, and the one in effect where that does not have the organ.
func (q *queue) modeIn(t *table.Bindings) table.Mode {
	if to := t.Organs[q.organ]; to != nil {
		return to.Mode
	}
	return *q.mode.Load()
}

// adoptMode takes over the mode of a table that was read. Lanes end: nothing more is
// handed out of them. Deliveries read ahead under another mode are looked at again before they are handed out: the share wants a look, and a claim under the new mode says what may be handed out.
func (q *queue) adoptMode(t *table.Bindings) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m, before := q.modeIn(t), q.binding.Load()
	if before != nil && m == *q.mode.Load() {
		return
	}
	q.mode.Store(&m)
	q.endLanes()
	b := &contract.Binding{Identity: q.organ, Order: table.OrderMode(m.Order), Exclusive: m.Exclusive, Lanes: m.Lanes, Events: map[string]string{}}
	for _, list := range [][]*contract.EventType{q.sub.Events, q.sub.Emits} {
		for _, e := range list {
			if id := t.EventIdentity(e.Name); id != e.Name {
				b.Events[e.Name] = id
			}
		}
	}
	q.binding.Store(b)
	q.held.AskLook() // the access of the former mode says nothing about this one
	q.busy = true
	q.notifyWaiting()
}

// liveMember returns this process's entry among the living while it consumes the organ: with the mode that it wants, so
// that others keep that mode while it is alive, and the package that it runs, for operators.
func (q *queue) liveMember() string {
	return q.organ + " " + q.p.process.Name + " " + q.wantedMode().String() + " " + q.sub.Path
}
