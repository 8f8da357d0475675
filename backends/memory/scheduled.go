package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// What a page of the schedule has at most.
const (
	scheduledEvents = 1000
	scheduledBytes  = 4 << 20 // unless one event has more
)

// Scheduled lists delayed events. A page costs a few steps for each of its events, and one for each event in front of it.
func (b *Backend) Scheduled(_ context.Context, after string, limit int) ([]contract.ScheduledEvent, string, error) {
	var behind place
	if after != "" {
		if _, err := fmt.Sscanf(after, "%d-%d", &behind.key, &behind.tie); err != nil || after != behind.cursor() {
			return nil, "", fmt.Errorf("list the schedule: %.40q is no cursor of this backend: begin at the first page", after)
		}
	}
	page, places, err := b.scheduledBehind(behind, max(1, min(limit, scheduledEvents)))
	if err != nil || len(page) == 0 {
		return nil, "", err
	}
	size := 0
	for i := range page { // without the mutex, because the codecs of events are the program's
		m := &page[i].Message
		if payload, err := m.Encoded(); err == nil {
			m.Payload = payload
		}
		if size += len(m.Payload); size >= scheduledBytes {
			page = page[:i+1]
			break
		}
	}
	return page, places[len(page)-1].cursor(), nil
}

// place is where an event waits in the schedule. The key is the instant when it is due, by the monotonic clock, and
// the tie counts all events that were ever delayed. No two events have the same place, so that a page can begin
// behind one that is gone.
type place struct{ key, tie uint64 }

// cursor writes a place as the text that the next call of Scheduled gives back. Another text of the same numbers is
// no cursor, because each place has one text.
func (p place) cursor() string { return fmt.Sprintf("%d-%d", p.key, p.tie) }

// scheduledBehind returns the first events behind a place, and where they wait.
func (b *Backend) scheduledBehind(behind place, limit int) (page []contract.ScheduledEvent, places []place, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.routing.Load().closed {
		return nil, nil, contract.ErrClosed
	}
	b.later.heap.eachBehind(behind.key, behind.tie, func(e entry[*delayed]) bool {
		if len(page) >= limit {
			return false
		}
		m := e.value.Message
		due := time.Unix(0, m.Due)
		m.Due = 0
		page, places = append(page, contract.ScheduledEvent{Message: m, Due: due}), append(places, place{e.key, e.tie})
		return true
	})
	return page, places, nil
}

// eachBehind visits the entries behind a key and a tie in order, until visit returns false. What it costs depends on
// the entries in front of that place and on those that it visits, and not on how many there are behind them. The
// places that are behind the bound, and whose parents are not, are the tops of small heaps of their own. A second
// heap, of these tops, always has the next entry first; visiting an entry adds its children.
func (h *heapOf[T]) eachBehind(key, tie uint64, visit func(entry[T]) bool) {
	bound := entry[T]{key: key, tie: tie}
	var first heapOf[int] // places whose entries are behind the bound, and whose parents are visited or before it
	for open := []int{0}; len(open) > 0; {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if at >= len(h.entries) {
			continue
		}
		if e := &h.entries[at]; bound.before(e) {
			first.push(entry[int]{e.key, e.tie, at})
		} else {
			open = append(open, 2*at+1, 2*at+2)
		}
	}
	for first.len() > 0 {
		at := first.pop().value
		if !visit(h.entries[at]) {
			return
		}
		for child := 2*at + 1; child <= 2*at+2 && child < len(h.entries); child++ {
			first.push(entry[int]{h.entries[child].key, h.entries[child].tie, child})
		}
	}
}

// RunScheduled makes a delayed event due at once, and reports whether it was in the schedule. The alarm routes it.
func (b *Backend) RunScheduled(_ context.Context, id contract.ID) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := &b.later
	if b.routing.Load().closed {
		return false, contract.ErrClosed
	}
	d := l.byID[id]
	if d == nil {
		return false, nil
	}
	e, now := l.heap.entries[d.at], b.now()
	if instant(e.key) > now {
		l.heap.removeAt(d.at)
		e.key, d.Due = uint64(now), b.clock().UnixNano()
		l.heap.push(e)
		b.setLaterAlarm(now)
	}
	return true, nil
}
