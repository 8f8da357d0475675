package memory

import (
	"context"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Bound returns the events that organs are bound to, and the names of these organs.
func (b *Backend) Bound(context.Context) (map[string][]string, error) {
	locked := b.lockAll()
	defer b.unlockAll(locked)
	if b.routing.Load().closed {
		return nil, contract.ErrClosed
	}
	bound := map[string][]string{}
	for _, q := range locked {
		for name := range q.names {
			bound[name] = append(bound[name], q.sub.Organ)
			slices.Sort(bound[name])
		}
	}
	return bound, nil
}

// Bindings returns how the organs are bound.
func (b *Backend) Bindings(context.Context) (map[string]contract.Binding, error) {
	locked := b.lockAll()
	defer b.unlockAll(locked)
	if b.routing.Load().closed {
		return nil, contract.ErrClosed
	}
	bindings := map[string]contract.Binding{}
	for _, q := range locked {
		bindings[q.sub.Organ] = contract.Binding{Identity: q.identity, Order: q.sub.Order, Exclusive: q.sub.Exclusive, Lanes: q.sub.Lanes}
	}
	return bindings, nil
}

// EachStored visits what is stored, one organ after the other. It copies what an organ has while it holds its mutex, and
// calls visit without.
func (b *Backend) EachStored(ctx context.Context, visit func(contract.Stored) (more bool)) error {
	b.mu.Lock()
	organs, elsewhere := b.all, b.storedElsewhere()
	closed := b.routing.Load().closed
	b.mu.Unlock()
	if closed {
		return contract.ErrClosed
	}
	for _, q := range organs {
		if more, err := visitAll(ctx, q.storedHere(), visit); err != nil || !more {
			return err
		}
	}
	_, err := visitAll(ctx, elsewhere, visit)
	return err
}

// visitAll visits events with their bytes, as far as they can be encoded. The codecs of events are the program's, so that
// no mutex may be held.
func visitAll(ctx context.Context, list []contract.Stored, visit func(contract.Stored) bool) (more bool, err error) {
	for _, s := range list {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if payload, err := s.Message.Encoded(); err == nil {
			s.Message.Payload = payload
		}
		if !visit(s) {
			return false, nil
		}
	}
	return true, nil
}

// storedElsewhere returns the events of the schedule and of the parks. The backend's mutex must be locked.
func (b *Backend) storedElsewhere() (list []contract.Stored) {
	for _, e := range b.later.heap.entries {
		m := e.value.Message
		m.Due = 0
		list = append(list, contract.Stored{Place: contract.PlaceScheduled, Message: m})
	}
	for _, p := range b.parks {
		for i := range p.msgs {
			if p.handed.IsZero() {
				list = append(list, contract.Stored{Place: contract.PlaceParked, Message: p.msgs[i].Message})
			}
		}
	}
	return list
}

// storedHere returns the deliveries of the organ, and its dead letters. The leased deliveries come from the batches
// of the consumers, because a chunk that is handed out is in no list of the queue. The events are copies of the
// struct and share its bytes, which are never changed.
func (q *queue) storedHere() (list []contract.Stored) {
	q.mu.Lock()
	defer q.mu.Unlock()
	list = make([]contract.Stored, 0, q.ready+q.leased+q.due.len()+q.held+q.dead.n) // so that it is not copied while the organ waits
	add := func(place string, m *contract.Message) {
		list = append(list, contract.Stored{Place: place, Organ: q.sub.Organ, Message: *m})
	}
	addHeap := func(place string, h *heapOf[*item]) {
		for _, e := range h.entries {
			add(place, &e.value.Message)
		}
	}
	for _, c := range q.consumers {
		for _, e := range c.batches.entries {
			bt := e.value
			for i := bt.from; i < bt.to; i++ {
				if bt.chunk.slots[i].batch == bt {
					add(contract.PlaceReady, &bt.chunk.items[i].Message)
				}
			}
		}
	}
	addHeap(contract.PlaceReady, &q.again)
	for i := range q.lanes.list {
		addHeap(contract.PlaceReady, &q.lanes.list[i].ready)
	}
	for ch := q.fresh.head; ch != nil; ch = ch.next {
		for i := ch.read; i < ch.wrote; i++ {
			add(contract.PlaceReady, &ch.items[i].Message)
		}
	}
	for _, l := range q.lines {
		if l.isHeld() {
			addHeap(contract.PlaceHeldBack, &l.behind)
		} else {
			addHeap(contract.PlaceReady, &l.behind)
		}
	}
	addHeap(contract.PlaceScheduled, &q.due)
	if q.dead.first != nil {
		for l := q.dead.first; l.next != nil; l = l.next {
			add(contract.PlaceDead, &l.Message)
		}
	}
	return list
}

// Diagnose returns what the backend's health shows: there is no server to look at.
func (b *Backend) Diagnose(ctx context.Context) ([]contract.Finding, error) {
	h := b.Health(ctx)
	return h.Findings(), h.Err
}
