package memory

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// schedule holds what waits for its time, and what waits behind it.
type schedule struct {
	due   dueHeap
	holds map[string]*hold // order=key: what a key waits for
	held  int              // deliveries behind holds
	first map[uint64]bool  // order=strict: failed deliveries, by seq, that go before all others
}

// hold is a failed delivery that holds back those with its key.
type hold struct {
	seq    uint64
	behind []item
}

// due is a delivery that waits for its time.
type due struct {
	at int64
	item
}

type dueHeap []due

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(due)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = due{}
	*h = old[:len(old)-1]
	return last
}

// blocked reports whether everything that is ready waits behind a failed delivery.
func (q *queue) blocked() bool {
	return len(q.schedule.first) > 0 && !(q.againFirst() && q.schedule.first[q.again[0].seq])
}

// postpone schedules a retry or a decline.
func (q *queue) postpone(o *necro.Outcome, seq uint64) {
	now := time.Now()
	it := item{*o.Delivery, seq}
	it.Suspect, it.Crashes = false, 0
	if o.Kind == necro.OutcomeRetry {
		it.Attempts++
	} else {
		it.Declines++
		if it.Declined == 0 {
			it.Declined = now.UnixNano()
		}
	}
	q.schedule.hold(q.sub.Order, it.Key, seq)
	at := now.Add(o.Delay).UnixNano()
	heap.Push(&q.schedule.due, due{at, it})
	q.setAlarm(at)
}

// hold lets a failed delivery hold back what the order says.
func (s *schedule) hold(order necro.OrderMode, key string, seq uint64) {
	switch {
	case order == necro.OrderStrict:
		if s.first == nil {
			s.first = map[uint64]bool{}
		}
		s.first[seq] = true
	case order == necro.OrderKey && key != "" && s.holds[key] == nil:
		if s.holds == nil {
			s.holds = map[string]*hold{}
		}
		s.holds[key] = &hold{seq: seq}
	}
}

// unhold lets go what waited behind a delivery that is settled for good.
func (q *queue) unhold(d *necro.Delivery, seq uint64) {
	if q.schedule.first[seq] {
		delete(q.schedule.first, seq)
		q.wake()
		return
	}
	h := q.schedule.holds[d.Key]
	if h == nil || h.seq != seq {
		return
	}
	delete(q.schedule.holds, d.Key)
	q.schedule.held -= len(h.behind)
	for _, it := range h.behind {
		q.pushBack(it)
	}
}

// setAside moves all that is ready into the list again, but for those whose key is held by
// another delivery: these wait behind it.
func (q *queue) setAside() {
	all := q.again
	for q.fresh.n > 0 {
		all = append(all, q.fresh.pop())
	}
	slices.SortFunc(all, func(x, y item) int { return cmp.Compare(x.seq, y.seq) })
	q.again = all[:0]
	for _, it := range all {
		h := q.schedule.holds[it.Key]
		if h == nil || h.seq == it.seq {
			q.again = append(q.again, it)
			continue
		}
		h.behind = append(h.behind, it)
		q.schedule.held++
		q.ready--
	}
	clear(all[len(q.again):])
}

// setAlarm makes sure that ring runs at the given time or before.
func (q *queue) setAlarm(at int64) {
	if q.alarmAt != 0 && q.alarmAt <= at {
		return
	}
	q.alarmAt = at
	q.alarm.Reset(time.Until(time.Unix(0, at)))
}

// ring makes ready what is due and takes back leases that ran out.
func (q *queue) ring() {
	q.b.mu.Lock()
	defer q.b.mu.Unlock()
	if q.b.closed {
		return
	}
	q.alarmAt = 0
	now := time.Now().UnixNano()
	q.promote(now)
	q.expire(now)
	if q.sub.Exclusive {
		q.wakeAll() // an owner may have gone silent
	}
}

// promote makes ready what is due. Where order counts it goes to its old place, which is
// the first, else behind what is there already.
func (q *queue) promote(now int64) {
	for len(q.schedule.due) > 0 && q.schedule.due[0].at <= now {
		it := heap.Pop(&q.schedule.due).(due).item
		if q.sub.Order == necro.OrderFirstAttempts {
			q.b.seq++
			it.seq = q.b.seq
		}
		q.pushBack(it)
	}
	if len(q.schedule.due) > 0 {
		q.setAlarm(q.schedule.due[0].at)
	}
}

// expire takes back the leases that ran out.
func (q *queue) expire(now int64) {
	for _, c := range q.consumers {
		next := int64(0)
		q.reclaim(c, func(s *slot) bool {
			deadline := s.deadline()
			if deadline > now && (next == 0 || deadline < next) {
				next = deadline
			}
			return deadline <= now
		})
		if next != 0 {
			q.setAlarm(next)
		}
	}
}
