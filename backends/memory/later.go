package memory

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// later holds the delayed events. The backend's mutex guards it.
//
// Invariant: byID and heap have the same events, each at the place that it knows. The alarm rings at the first due time or
// before.
type later struct {
	heap    heapOf[*delayed] // by the instant when they are due, and of one instant in stored order
	byID    map[contract.ID]*delayed
	stored  uint64 // events that were ever delayed: their order
	alarm   *time.Timer
	alarmAt instant // 0 when it is not set
}

// delayed is an event that waits until it is due.
type delayed struct {
	contract.Message
	at int // its place in the heap
}

// init makes an empty schedule, whose alarm calls ring in a goroutine of its own. The alarm is stopped until an event
// waits, so that an idle backend is never woken.
func (l *later) init(ring func()) {
	l.byID = map[contract.ID]*delayed{}
	l.heap.moved = func(d *delayed, at int) { d.at = at }
	l.alarm = time.AfterFunc(time.Hour, ring)
	l.alarm.Stop()
}

// keepForLater keeps a message until it is due, unless one with its id waits already. It returns how many there are
// more than before. The backend's mutex must be locked. The due time of the message is one of the wall clock. It
// becomes an instant of the monotonic clock here, once, so that a wall clock that is set later moves no event.
func (b *Backend) keepForLater(m *contract.Message) int {
	l := &b.later
	if l.byID[m.ID] != nil {
		return 0
	}
	d := &delayed{Message: *m}
	l.byID[m.ID] = d
	l.stored++
	at := b.now().after(time.Duration(m.Due - b.clock().UnixNano()))
	l.heap.push(entry[*delayed]{uint64(at), l.stored, d})
	b.setLaterAlarm(at)
	return 1
}

// setLaterAlarm makes sure that routeDue runs at the given instant or before.
func (b *Backend) setLaterAlarm(at instant) {
	l := &b.later
	if l.alarmAt != 0 && l.alarmAt <= at {
		return
	}
	l.alarmAt = at
	l.alarm.Reset(time.Duration(at - b.now()))
}

// routeDue routes the events that are due, as if they were published now. The alarm's goroutine calls it. When very many
// are due, others get in between.
func (b *Backend) routeDue() {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, now := &b.later, b.now()
	r := route{routing: b.routing.Load()}
	if r.closed {
		return
	}
	var due []contract.Message
	for len(due) < promoteAtOnce && l.heap.len() > 0 && instant(l.heap.first().key) <= now {
		m := l.heap.pop().value.Message
		delete(l.byID, m.ID)
		m.Due = 0
		due = append(due, m)
	}
	b.routeAll(&r, due)
	l.alarmAt = 0
	if l.heap.len() > 0 {
		b.setLaterAlarm(instant(l.heap.first().key))
	}
}

// routeAll stores messages that left the schedule. The backend's mutex is locked, so that the routing stays.
func (b *Backend) routeAll(r *route, msgs []contract.Message) {
	n := r.planMessages(msgs)
	b.storePlanned(r, msgs)
	b.door.countOut(len(msgs) - n)
}

// storePlanned stores messages by a route that planMessages has made of them. The backend's mutex is locked, so that
// the routing stays. The queues are locked in the order of their numbers, as planMessages has sorted them; no mutex
// of a consumer or of the door is held.
func (b *Backend) storePlanned(r *route, msgs []contract.Message) {
	for _, q := range r.targets {
		q.mu.Lock()
	}
	for i := range msgs {
		b.storeMessage(r.queuesOf(msgs[i].Type), &msgs[i])
	}
	for _, q := range r.targets {
		q.mu.Unlock()
	}
}

// Cancel takes a delayed event out of the schedule, and reports whether it was there. It forgets the id.
func (b *Backend) Cancel(_ context.Context, id contract.ID) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.routing.Load().closed {
		return false, contract.ErrClosed
	}
	d := b.later.byID[id]
	if d == nil {
		return false, nil
	}
	delete(b.later.byID, id)
	b.later.heap.removeAt(d.at)
	b.recent.forget(id)
	b.unique.release(id)
	b.door.countOut(1)
	return true, nil
}
