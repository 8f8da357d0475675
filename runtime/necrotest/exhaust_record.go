package necrotest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	necro "github.com/necrostack/necrogen/runtime"
)

// storedEvent is an event that a run has stored.
type storedEvent struct {
	text      string // for people
	from      string // where it comes from, for people
	byHandler bool   // a handler published it, instead of emitting it
	same      string // all that is to be the same in every run
	stored    int    // how often it was stored
}

// delivery is an event for one organ.
type delivery struct {
	organ string
	event necro.ID
}

// record is what came of a run.
type record struct {
	mu       sync.Mutex
	events   map[necro.ID]*storedEvent
	order    []necro.ID
	ends     map[delivery]string // how deliveries ended
	lasts    map[delivery]string // the error of those that were given up, for people
	snapshot any
}

func newRecord() *record {
	return &record{events: map[necro.ID]*storedEvent{}, ends: map[delivery]string{}, lasts: map[delivery]string{}}
}

// published records events that were stored by Publish. One that comes again with its id is
// the same one: the backend has stored it once.
func (r *record) published(msgs []necro.Message, who string, inHandler bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range msgs {
		if r.events[msgs[i].ID] != nil {
			continue
		}
		e := r.add(eventOf(&msgs[i]))
		if e.from = "published"; inHandler {
			e.from, e.byHandler = "published by a handler of "+who, true
		}
	}
}

func (r *record) add(id necro.ID, e *storedEvent) *storedEvent {
	if old := r.events[id]; old != nil {
		old.stored++
		return old
	}
	r.events[id] = e
	r.order = append(r.order, id)
	return e
}

// eventOf returns what is to be known of a message.
func eventOf(m *necro.Message) (necro.ID, *storedEvent) {
	return m.ID, &storedEvent{
		text: textOf(m), stored: 1,
		same: fmt.Sprintf("%s %d %x %q %q", m.Type.Name, m.Type.Version, m.Payload, m.Key, m.Headers),
	}
}

// note is what an outcome will mean when it counts.
type note struct {
	delivery
	end, last string
	emits     []*storedEvent
	ids       []necro.ID
}

// notes reads outcomes.
func (r *record) notes(organ string, outcomes []necro.Outcome) []note {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]note, len(outcomes))
	for i := range outcomes {
		o, n := &outcomes[i], &list[i]
		n.delivery = delivery{organ, o.Delivery.ID}
		n.end, n.last = endOf(o)
		if o.Kind != necro.OutcomeAck {
			continue
		}
		for j := range o.Emit {
			id, e := eventOf(&o.Emit[j])
			e.from = fmt.Sprintf("emitted by %s for %s", organ, shorten(r.text(o.Delivery.ID)))
			n.emits, n.ids = append(n.emits, e), append(n.ids, id)
		}
	}
	return list
}

// endOf says how an outcome ends its delivery: not at all, if it comes again.
func endOf(o *necro.Outcome) (end, last string) {
	switch {
	case o.Kind == necro.OutcomeAck:
		return "handled", ""
	case o.Kind == necro.OutcomeDead && o.Death != nil:
		return "dead: " + string(o.Death.Reason), o.Death.Error
	case o.Kind == necro.OutcomeDead:
		return "dead", ""
	}
	return "", ""
}

// settled records an outcome that counted.
func (r *record) settled(n note) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n.end == "" {
		return
	}
	if r.ends[n.delivery] != "" {
		n.end = r.ends[n.delivery] + ", then " + n.end
	}
	r.ends[n.delivery], r.lasts[n.delivery] = n.end, n.last
	for i, e := range n.emits {
		r.add(n.ids[i], e)
	}
}

// text tells what an event is. The mutex is held.
func (r *record) text(id necro.ID) string {
	if e := r.events[id]; e != nil {
		return e.text
	}
	return "event " + id.String()
}

// handled counts the deliveries that ended.
func (r *record) handled() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ends)
}

// deliveries returns all deliveries that ended, in the order of their events.
func (r *record) deliveries() []delivery {
	place := make(map[necro.ID]int, len(r.order))
	for i, id := range r.order {
		place[id] = i
	}
	return slices.SortedFunc(maps.Keys(r.ends), func(a, b delivery) int {
		if a.event != b.event {
			return place[a.event] - place[b.event]
		}
		return cmp.Compare(a.organ, b.organ)
	})
}

// textOf tells what a message is: the name of its event, and the event as JSON where it has one.
func textOf(m *necro.Message) string {
	if m.Event == nil {
		return m.Type.Name
	}
	b, err := json.Marshal(m.Event)
	if err != nil {
		b = fmt.Appendf(nil, "%+v", m.Event)
	}
	return m.Type.Name + " " + string(b)
}
