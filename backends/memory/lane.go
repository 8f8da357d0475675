package memory

import (
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// lane has the deliveries of some keys of an organ with lanes. The queue's mutex guards it.
//
//	free --it is shared out--> owned --its owner has too many, or declines--> leaving --nothing is leased--> owned by the heir
//	  ^---the owner closes, or its lease is over---'-----------------------------'
//
// Invariants: a delivery of the lane is handed to the owner alone, and only while the lane is not leaving. A lane gets an
// owner only while none of its deliveries is leased. So two consumers never hold deliveries of a lane.
type lane struct {
	owner  *consumer     // nil for a free lane
	heir   *consumer     // of a lane that is leaving; nil otherwise
	leased int           // deliveries that are leased
	ready  heapOf[*item] // deliveries that were handed out before, or that a Fetch of another consumer passed; by seq

	declined []*consumer // those that have declined a delivery since a decline was counted
	pinned   instant     // sharing leaves the lane where it is until then, because of a decline
}

// laneSet is the lanes of an organ. list is empty for one without.
type laneSet struct {
	list    []lane
	sharers []*consumer // memory of shareLanes
}

// keeper returns the consumer that has the lane, or will have it; nil for a free lane.
func (l *lane) keeper() *consumer {
	if l.heir != nil {
		return l.heir
	}
	return l.owner
}

// isOf reports whether the lane's deliveries may be handed to c.
func (l *lane) isOf(c *consumer) bool { return l.owner == c && l.heir == nil }

// laneOf returns the lane of a message. The organ must have lanes.
func (q *queue) laneOf(m *contract.Message) *lane {
	return &q.lanes.list[contract.LaneOf(m.Key, m.ID, len(q.lanes.list))]
}

// setLanes gives the organ n lanes; 0 is none. All lanes are free then. What is leased keeps its lane from
// getting an owner, so that no delivery runs beside an earlier one of its key which was handed out before.
func (q *queue) setLanes(n int) {
	if n == len(q.lanes.list) {
		return
	}
	for i := range q.lanes.list {
		for _, e := range q.lanes.list[i].ready.entries {
			q.again.push(e)
		}
	}
	back := q.again.entries
	q.lanes.list = make([]lane, n)
	if n == 0 {
		return
	}
	q.again.entries = nil
	for _, e := range back {
		q.pushReady(e.value)
	}
	for _, c := range q.consumers {
		for _, e := range c.batches.entries {
			q.noteLeased(e.value.chunk, e.value.from, e.value.to, e.value)
		}
	}
}

// noteLeased counts the leased deliveries of a batch in their lanes.
func (q *queue) noteLeased(ch *chunk, from, to int, bt *batch) {
	for i := from; i < to; i++ {
		if s := &ch.slots[i]; s.batch == bt {
			m := &ch.items[i]
			s.lane = uint8(contract.LaneOf(m.Key, m.ID, len(q.lanes.list)))
			q.lanes.list[s.lane].leased++
		}
	}
}

// noteFreed counts a delivery of a lane that is not leased any more. A lane that is leaving goes to its heir with the last one.
func (q *queue) noteFreed(l *lane) {
	l.leased--
	switch {
	case l.leased > 0:
	case l.heir != nil:
		q.giveLane(l, l.heir)
	case l.owner == nil:
		q.waiters.wakeAll()
	}
}

// giveLane gives a lane to a consumer as soon as nothing of it is leased.
func (q *queue) giveLane(l *lane, to *consumer) {
	l.heir = to
	if l.leased == 0 || to == l.owner {
		l.owner, l.heir = to, nil
		q.waiters.wakeAll()
	}
}

// isSharing reports whether a consumer takes part in the sharing of lanes: it has fetched, and its lease runs.
func (c *consumer) isSharing(now instant) bool {
	return c.counted && !c.closed && (c.fetching > 0 || c.contact > now)
}

// shareLanes frees the lanes of consumers that have fallen silent, gives free lanes to those that have the fewest, and lets
// those that have too many give some away, until all have the same number to within one. The alarm is set for when the next
// consumer falls silent, because nothing else would wake the others then.
func (q *queue) shareLanes(now instant) {
	sharers := q.lanes.sharers[:0]
	for _, c := range q.consumers {
		c.keeps = 0
		if c.isSharing(now) {
			sharers = append(sharers, c)
			if c.fetching == 0 {
				q.setAlarm(c.contact)
			}
		}
	}
	q.lanes.sharers = sharers
	q.freeLanes(func(c *consumer) bool { return !c.isSharing(now) })
	if len(sharers) == 0 {
		return
	}
	for i := range q.lanes.list {
		l := &q.lanes.list[i]
		if l.keeper() == nil && l.leased == 0 {
			q.giveLane(l, fewestLanes(sharers))
		}
		if c := l.keeper(); c != nil {
			c.keeps++
		}
	}
	for {
		most, fewest := mostLanes(sharers), fewestLanes(sharers)
		l := q.laneToGive(most, now)
		if most.keeps-fewest.keeps < 2 || l == nil {
			return
		}
		most.keeps--
		fewest.keeps++
		q.giveLane(l, fewest)
	}
}

func fewestLanes(sharers []*consumer) *consumer {
	return slices.MinFunc(sharers, func(a, b *consumer) int { return a.keeps - b.keeps })
}

func mostLanes(sharers []*consumer) *consumer {
	return slices.MaxFunc(sharers, func(a, b *consumer) int { return a.keeps - b.keeps })
}

// laneToGive returns a lane that c may give away, one without leased deliveries where there is one; nil for none.
func (q *queue) laneToGive(c *consumer, now instant) (found *lane) {
	for i := range q.lanes.list {
		l := &q.lanes.list[i]
		if l.keeper() == c && l.pinned <= now && (found == nil || l.leased < found.leased) {
			found = l
		}
	}
	return found
}

// freeLanes takes the lanes away from consumers that are gone, with the deliveries that these hold. A settle of one of them is
// lost from then on.
func (q *queue) freeLanes(isGone func(*consumer) bool) {
	for i := range q.lanes.list {
		l := &q.lanes.list[i]
		if l.heir != nil && isGone(l.heir) {
			l.heir = nil
		}
		if l.owner == nil || !isGone(l.owner) {
			continue
		}
		gone := l.owner
		l.owner = l.heir
		l.heir = nil
		for _, e := range slices.Clone(gone.batches.entries) {
			q.reclaimLost(e.value, func(s *slot) bool { return int(s.lane) == i })
		}
		l.declined = slices.DeleteFunc(l.declined, isGone)
		q.waiters.wakeAll()
	}
}

// passLane hands the lane of a delivery that c has declined to the next consumer in turn that has declined none of the lane,
// and reports whether there is one. Where there is none, the decline counts, and the turn begins anew.
func (q *queue) passLane(c *consumer, l *lane) bool {
	now := q.b.now()
	if !slices.Contains(l.declined, c) {
		l.declined = append(l.declined, c)
	}
	at := slices.Index(q.consumers, c)
	for n := range len(q.consumers) - 1 {
		next := q.consumers[(at+1+n)%len(q.consumers)]
		if next.isSharing(now) && !slices.Contains(l.declined, next) {
			l.pinned = now.after(c.lease)
			q.setAlarm(l.pinned)
			q.giveLane(l, next)
			return true
		}
	}
	l.declined = nil
	return false
}

// takeLaned takes deliveries of the lanes of c in stored order: a run of the fresh list where nothing else is ready for c, and
// else deliveries of their lanes, in a chunk of their own. ch is nil when there are none.
func (q *queue) takeLaned(c *consumer, limit int) (ch *chunk, from, to int) {
	if q.firstLane(c) == nil {
		if !q.sortFresh(c) {
			return nil, 0, 0
		}
		return q.fresh.takeRun(q.lanedRun(c, limit))
	}
	ch = &chunk{once: true}
	for limit = min(limit, chunkSize); to < limit; to++ {
		it := q.popLaned(c)
		if it == nil {
			break
		}
		ch.appendItem(it)
		if l := q.lines[it.Key]; l != nil {
			q.advanceLine(it.Key, l)
		}
	}
	return ch, 0, to
}

// popLaned takes the first delivery for c; nil for none. What is in a lane was stored before all that is fresh.
func (q *queue) popLaned(c *consumer) *item {
	if l := q.firstLane(c); l != nil {
		return l.ready.pop().value
	}
	if q.sortFresh(c) {
		return q.fresh.popItem()
	}
	return nil
}

// firstLane returns the lane with the first delivery for c that is not fresh; nil for none. Deliveries that are held back go
// into the lines of their keys on the way.
func (q *queue) firstLane(c *consumer) (found *lane) {
	first := q.strict.firstSeq()
	for i := range q.lanes.list {
		l := &q.lanes.list[i]
		if !l.isOf(c) {
			continue
		}
		for l.ready.len() > 0 {
			it := l.ready.first().value
			behind := q.heldBack(it.Key, it.seq)
			if behind == nil {
				break
			}
			l.ready.pop()
			q.waitBehind(behind, it)
		}
		if l.ready.len() > 0 && l.ready.first().key <= first {
			found, first = l, l.ready.first().key
		}
	}
	return found
}

// sortFresh moves fresh deliveries that c may not have to their lanes, or into the lines of their keys, up to the first one
// that it may. It reports whether there is one. Each is moved once.
func (q *queue) sortFresh(c *consumer) bool {
	for q.fresh.n > 0 && q.fresh.firstSeq() <= q.strict.firstSeq() {
		m := &q.fresh.head.items[q.fresh.head.read].Message
		behind := q.heldBack(m.Key, q.fresh.firstSeq())
		l := q.laneOf(m)
		switch {
		case behind != nil:
			q.waitBehind(behind, q.fresh.popItem())
		case l.isOf(c):
			return true
		default:
			it := q.fresh.popItem()
			l.ready.push(entry[*item]{key: it.seq, value: it})
		}
	}
	return false
}

// lanedRun returns how many of the oldest in fresh c may take, at most limit. It may take the first one.
func (q *queue) lanedRun(c *consumer, limit int) int {
	ch := q.fresh.head
	last := min(ch.wrote-ch.read, limit)
	for n := 1; n < last; n++ {
		m := &ch.items[ch.read+n].Message
		if ch.slots[ch.read+n].seq > q.strict.firstSeq() || q.lines[m.Key] != nil || !q.laneOf(m).isOf(c) {
			return n
		}
	}
	return last
}
