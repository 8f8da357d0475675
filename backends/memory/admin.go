package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// keepDead keeps a delivery as a dead letter, with its bytes where it can be encoded. A letter that halts
// pauses the organ in the same step.
func (q *queue) keepDead(d *contract.Delivery, death contract.Death) {
	letter := contract.DeadLetter{
		ID:       contract.DeliveryID(d.ID, q.identity),
		Organ:    q.sub.Organ,
		Message:  d.Message,
		Attempts: int(d.Attempts),
		Death:    death,
		Time:     time.Now(),
	}
	if payload, err := d.Encoded(); err == nil {
		letter.Message.Payload = payload
	}
	letter.Message.Unique = 0 // a redrive is not unique
	q.dead.addLetter(letter)
	if letter.Halt {
		q.paused = fmt.Sprintf("halted at %s %s", d.Type.Name, d.ID)
	}
}

// DeadLetters lists dead letters, oldest first. It knows the places of the last 10,000 that were
// redriven or discarded.
func (b *Backend) DeadLetters(_ context.Context, organ string, after contract.ID, limit int) ([]contract.DeadLetter, error) {
	q, err := b.lockQueue(organ)
	if err != nil {
		return nil, err
	}
	defer q.mu.Unlock()
	at := q.dead.firstBehind(after)
	if at == nil && !after.IsZero() {
		return nil, fmt.Errorf("list the dead letters of organ %s: none is known by the id %s: begin at the first", organ, after)
	}
	var page []contract.DeadLetter
	for ; at != nil && at.next != nil && len(page) < limit; at = at.next {
		page = append(page, at.DeadLetter)
	}
	return page, nil
}

// Redrive stores dead letters again, behind all others, and returns how many there were. They may exceed
// the limit, because an operator cannot wait for room.
func (b *Backend) Redrive(_ context.Context, organ string, ids ...contract.ID) (int, error) {
	return b.removeDead(organ, ids, func(q *queue, l *contract.DeadLetter) {
		b.door.countOut(-1)
		q.pushNew(&l.Message)
	})
}

// RedriveEdited takes a dead letter out, and stores another message for its organ in its place.
func (b *Backend) RedriveEdited(_ context.Context, organ string, id contract.ID, m *contract.Message) (bool, error) {
	if err := contract.CheckEdited(id, m); err != nil {
		return false, err
	}
	stored := false
	n, err := b.removeDead(organ, []contract.ID{id}, func(q *queue, _ *contract.DeadLetter) {
		if !stored {
			b.door.countOut(-1)
			q.pushNew(m)
		}
		stored = true
	})
	return n > 0, err
}

// Discard forgets dead letters, and returns how many there were.
func (b *Backend) Discard(_ context.Context, organ string, ids ...contract.ID) (int, error) {
	return b.removeDead(organ, ids, func(*queue, *contract.DeadLetter) {})
}

// removeDead takes the named dead letters out, and calls what for each. All happens under one hold of the mutex of
// the queue, so that a letter is redriven once however many operators ask for it.
func (b *Backend) removeDead(organ string, ids []contract.ID, what func(*queue, *contract.DeadLetter)) (n int, err error) {
	q, err := b.lockQueue(organ)
	if err != nil {
		return 0, err
	}
	defer q.mu.Unlock()
	for _, id := range ids {
		removed := q.dead.removeAll(id)
		n += len(removed)
		for i := range removed {
			what(q, &removed[i])
		}
	}
	q.waiters.wakeAll() // the dead letters may have been full
	return n, nil
}

// Pause stops deliveries to an organ until Resume. A Fetch that waits goes on waiting, and finds nothing when it is
// woken. Deliveries that are leased run on, and can be settled.
func (b *Backend) Pause(_ context.Context, organ, reason string) error {
	q, err := b.lockQueue(organ)
	if err != nil {
		return err
	}
	defer q.mu.Unlock()
	q.paused = cmp.Or(reason, "paused")
	return nil
}

// Resume lets a paused organ go on.
func (b *Backend) Resume(_ context.Context, organ string) error {
	q, err := b.lockQueue(organ)
	if err != nil {
		return err
	}
	defer q.mu.Unlock()
	q.paused = ""
	q.waiters.wakeAll()
	return nil
}

// RemoveOrgan forgets an organ that has no consumers, with everything stored for it. The list of queues is replaced
// and not changed, because a call of EachStored may be going over it.
func (b *Backend) RemoveOrgan(_ context.Context, organ string) error {
	defer b.unlockAll(b.lockAll())
	q, err := b.findQueue(organ)
	if err != nil {
		return err
	}
	if len(q.consumers) > 0 {
		return fmt.Errorf("remove organ %s: it has %d consumers: stop them first", organ, len(q.consumers))
	}
	maps.DeleteFunc(b.queues, func(_ string, known *queue) bool { return known == q })
	b.all = slices.DeleteFunc(slices.Clone(b.all), func(other *queue) bool { return other == q })
	b.routing.Store(newRouting(b.all))
	b.unique.forgetOrgan(q)
	q.closed = true
	q.alarm.Stop()
	b.door.countOut(q.ready + q.held + q.due.len())
	return nil
}

// lockQueue returns an organ's queue with its mutex locked. The backend's mutex is held until the queue's is locked,
// so that the organ is not removed in between.
func (b *Backend) lockQueue(organ string) (*queue, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q, err := b.findQueue(organ)
	if err == nil {
		q.mu.Lock()
	}
	return q, err
}

// findQueue returns an organ's queue. The backend's mutex must be locked.
func (b *Backend) findQueue(organ string) (*queue, error) {
	if b.routing.Load().closed {
		return nil, contract.ErrClosed
	}
	q := b.queues[organ]
	if q == nil {
		return nil, fmt.Errorf("organ %s: %w", organ, contract.ErrNoOrgan)
	}
	return q, nil
}

// Health is one atomic look at all organs, sorted by name: all mutexes are held meanwhile, so that no step
// is seen in part.
func (b *Backend) Health(context.Context) contract.Health {
	locked := b.lockAll()
	defer b.unlockAll(locked)
	var h contract.Health
	if b.routing.Load().closed {
		h.Err = contract.ErrClosed
	}
	h.Delayed = b.later.heap.len()
	if h.Delayed > 0 {
		h.Overdue = max(0, time.Duration(b.now()-instant(b.later.heap.first().key)+1))
	}
	for _, q := range locked {
		h.Organs = append(h.Organs, q.healthOf())
	}
	for name, p := range b.parks {
		if p.handed.IsZero() {
			h.Parked = append(h.Parked, contract.ParkHealth{Event: name, Parked: len(p.msgs), Dropped: p.dropped})
		}
	}
	slices.SortFunc(h.Organs, func(x, y contract.OrganHealth) int { return cmp.Compare(x.Organ, y.Organ) })
	slices.SortFunc(h.Parked, func(x, y contract.ParkHealth) int { return cmp.Compare(x.Event, y.Event) })
	return h
}

// healthOf returns the state of the organ.
func (q *queue) healthOf() contract.OrganHealth {
	h := contract.OrganHealth{
		Organ: q.sub.Organ, Ready: q.ready, Leased: q.leased,
		Scheduled: q.due.len() + q.held,
		Dead:      q.dead.n, DeadBytes: q.dead.bytes,
		Consumers: len(q.consumers), Paused: q.pauseReason(),
	}
	if q.identity != h.Organ {
		h.Identity = q.identity
	}
	now := q.b.now()
	for _, c := range q.consumers {
		h.OldestLeased = max(h.OldestLeased, c.oldestLeased(now))
		h.AddBreaker(c.breaker)
	}
	if _, m := q.firstReady(); m != nil {
		h.Oldest = max(0, time.Since(m.Time()))
	}
	if q.isBlocked() {
		h.Scheduled, h.Ready = h.Scheduled+h.Ready, 0
	}
	return h
}

// oldestLeased returns the longest time since the lease of a delivery was given or renewed. A
// batch whose leases were renewed goes to the place that it has now, so that it is looked through
// once for each renewal.
func (c *consumer) oldestLeased(now instant) time.Duration {
	for c.batches.len() > 0 {
		known := c.batches.first()
		ends := known.value.firstDeadline()
		if uint64(ends) == known.key {
			return max(0, time.Duration(now-ends)+c.lease)
		}
		c.batches.replaceFirst(uint64(ends))
	}
	return 0
}
