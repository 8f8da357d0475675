package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// bury keeps a delivery as a dead letter.
func (q *queue) bury(d *necro.Delivery, death *necro.Death) {
	letter := necro.DeadLetter{
		ID:       necro.DeliveryID(d.ID, q.sub.Organ),
		Organ:    q.sub.Organ,
		Message:  d.Message,
		Attempts: int(d.Attempts),
		Time:     time.Now(),
	}
	if death != nil {
		letter.Death = *death
	}
	if payload, err := d.Encoded(); err == nil {
		letter.Message.Payload = payload
	}
	q.dead = append(q.dead, letter)
	q.deadBytes += deadSize(&letter)
	if letter.Halt {
		q.paused = fmt.Sprintf("halted at %s %s", d.Type.Name, d.ID)
	}
}

func deadSize(l *necro.DeadLetter) int64 {
	return int64(len(l.Message.Payload) + len(l.Error) + len(l.Stack))
}

// DeadLetters lists dead letters, oldest first.
func (b *Backend) DeadLetters(_ context.Context, organ string, after necro.ID, limit int) ([]necro.DeadLetter, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q, err := b.queue(organ)
	if err != nil {
		return nil, err
	}
	start := 0
	if !after.IsZero() {
		start = 1 + slices.IndexFunc(q.dead, func(l necro.DeadLetter) bool { return l.ID == after })
	}
	end := min(len(q.dead), start+max(limit, 0))
	return slices.Clone(q.dead[start:end]), nil
}

// Redrive stores dead letters again.
func (b *Backend) Redrive(_ context.Context, organ string, ids ...necro.ID) (int, error) {
	return b.removeDead(organ, ids, func(q *queue, l *necro.DeadLetter) {
		b.held++
		b.seq++
		q.push(&l.Message, b.seq)
	})
}

// Discard forgets dead letters.
func (b *Backend) Discard(_ context.Context, organ string, ids ...necro.ID) (int, error) {
	return b.removeDead(organ, ids, func(*queue, *necro.DeadLetter) {})
}

// removeDead takes the named dead letters out, and calls what for each.
func (b *Backend) removeDead(organ string, ids []necro.ID, what func(*queue, *necro.DeadLetter)) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q, err := b.queue(organ)
	if err != nil {
		return 0, err
	}
	named := map[necro.ID]bool{}
	for _, id := range ids {
		named[id] = true
	}
	before := len(q.dead)
	q.dead = slices.DeleteFunc(q.dead, func(l necro.DeadLetter) bool {
		if !named[l.ID] {
			return false
		}
		q.deadBytes -= deadSize(&l)
		what(q, &l)
		return true
	})
	q.wakeAll() // the dead letters may have been full
	return before - len(q.dead), nil
}

// Pause stops deliveries to an organ until Resume.
func (b *Backend) Pause(_ context.Context, organ, reason string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	q, err := b.queue(organ)
	if err != nil {
		return err
	}
	q.paused = cmp.Or(reason, "paused")
	return nil
}

// Resume lets a paused organ go on.
func (b *Backend) Resume(_ context.Context, organ string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	q, err := b.queue(organ)
	if err != nil {
		return err
	}
	q.paused = ""
	q.wakeAll()
	return nil
}

// RemoveOrgan forgets an organ that has no consumers, with everything stored for it.
func (b *Backend) RemoveOrgan(_ context.Context, organ string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	q, err := b.queue(organ)
	if err != nil {
		return err
	}
	if len(q.consumers) > 0 {
		return fmt.Errorf("remove organ %s: it has %d consumers: stop them first", organ, len(q.consumers))
	}
	delete(b.queues, organ)
	for name, queues := range b.bound {
		b.bound[name] = slices.DeleteFunc(queues, func(other *queue) bool { return other == q })
	}
	b.reroute()
	q.alarm.Stop()
	b.leave(q.ready + len(q.schedule.due) + q.schedule.held)
	return nil
}

func (b *Backend) queue(organ string) (*queue, error) {
	if b.closed {
		return nil, necro.ErrClosed
	}
	q := b.queues[organ]
	if q == nil {
		return nil, fmt.Errorf("organ %s is not known: nothing subscribed under this name", organ)
	}
	return q, nil
}

// Health is one atomic look at all organs, sorted by name.
func (b *Backend) Health(context.Context) necro.Health {
	b.mu.Lock()
	defer b.mu.Unlock()
	var h necro.Health
	if b.closed {
		h.Err = necro.ErrClosed
	}
	for _, q := range b.queues {
		h.Organs = append(h.Organs, q.health(time.Now()))
	}
	for name, p := range b.parks {
		if p.handed.IsZero() {
			h.Parked = append(h.Parked, necro.ParkHealth{Event: name, Parked: len(p.msgs), Dropped: p.dropped})
		}
	}
	slices.SortFunc(h.Organs, func(x, y necro.OrganHealth) int { return cmp.Compare(x.Organ, y.Organ) })
	slices.SortFunc(h.Parked, func(x, y necro.ParkHealth) int { return cmp.Compare(x.Event, y.Event) })
	return h
}

func (q *queue) health(now time.Time) necro.OrganHealth {
	h := necro.OrganHealth{
		Organ: q.sub.Organ, Ready: q.ready, Leased: q.leased,
		Scheduled: len(q.schedule.due) + q.schedule.held,
		Dead:      len(q.dead), DeadBytes: q.deadBytes,
		OldestLeased: q.oldestLeased(now),
		Consumers:    len(q.consumers), Paused: q.stopped(),
	}
	if m := q.first(); m != nil {
		h.Oldest = max(0, now.Sub(m.Time()))
	}
	if q.blocked() {
		h.Scheduled, h.Ready = h.Scheduled+h.Ready, 0
	}
	return h
}

// oldestLeased returns the longest time since the lease of a delivery was given or renewed.
func (q *queue) oldestLeased(now time.Time) (oldest time.Duration) {
	for _, c := range q.consumers {
		for _, bt := range c.batches {
			for i := bt.from; i < bt.to; i++ {
				if s := &bt.chunk.slots[i]; s.batch == bt {
					renewed := s.deadline() - int64(c.lease)
					oldest = max(oldest, time.Duration(now.UnixNano()-renewed))
				}
			}
		}
	}
	return oldest
}

// first returns the first ready message, or nil.
func (q *queue) first() *necro.Message {
	switch {
	case q.ready == 0:
		return nil
	case q.againFirst():
		return &q.again[0].Message
	}
	return &q.fresh.head.items[q.fresh.head.read].Message
}
