package necrotest

import (
	"sync"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// delivery is an event for one organ.
type delivery struct {
	organ string
	event necro.ID
}

// record holds the result of a run. Readers of the result need no mutex, because the run is over by then.
type record struct {
	mu       sync.Mutex
	events   map[necro.ID]*storedEvent
	order    []*storedEvent
	ends     map[delivery]end
	states   map[stateKey]*storedState // what the steps that counted have left
	late     int                       // outcomes that did not count
	snapshot any
}

// end is how a delivery ended: "handled", or why it was given up, with the last error, which
// only people read.
type end struct{ how, err string }

func newRecord() *record {
	return &record{events: map[necro.ID]*storedEvent{}, ends: map[delivery]end{}, states: map[stateKey]*storedState{}}
}

// recordPublished records events that were stored by Publish, in a handler of an organ or outside.
// One that comes again with its id is the same one: the backend has stored it once.
func (r *record) recordPublished(msgs []necro.Message, organ string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range msgs {
		if r.events[msgs[i].ID] == nil {
			r.addEvent(newStoredEvent(&msgs[i], nil, organ))
		}
	}
}

func (r *record) addEvent(e *storedEvent) {
	if old := r.events[e.ID]; old != nil {
		old.times++
		return
	}
	r.events[e.ID] = e
	r.order = append(r.order, e)
}

// findEvent returns a stored event. The event of every delivery is one.
func (r *record) findEvent(id necro.ID) *storedEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events[id]
}

// note is what an outcome means when it counts.
type note struct {
	delivery
	end   end // zero when the delivery comes again
	emits []*storedEvent
	key   string
	state *storedState // nil when the outcome has none
}

// readOutcomes notes for each outcome how its delivery ends.
func (r *record) readOutcomes(organ string, outcomes []contract.Outcome) []note {
	list := make([]note, len(outcomes))
	for i := range outcomes {
		o, n := &outcomes[i], &list[i]
		n.delivery, n.end = delivery{organ, o.Delivery.ID}, endOf(o)
		n.key, n.state = o.Delivery.Key, newStoredState(o.State)
		parent := r.findEvent(o.Delivery.ID)
		for j := range o.Emit {
			n.emits = append(n.emits, newStoredEvent(&o.Emit[j], parent, organ))
		}
	}
	return list
}

// endOf says how an outcome ends its delivery.
func endOf(o *contract.Outcome) end {
	switch o.Kind {
	case contract.OutcomeAck:
		return end{how: "handled"}
	case contract.OutcomeDead:
		return end{"dead: " + string(o.Death.Reason), o.Death.Error}
	}
	return end{}
}

// recordSettled records an outcome that counted.
func (r *record) recordSettled(n note) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n.end == (end{}) {
		return
	}
	if before := r.ends[n.delivery].how; before != "" {
		n.end.how = before + ", then " + n.end.how
	}
	r.ends[n.delivery] = n.end
	for _, e := range n.emits {
		r.addEvent(e)
	}
	if n.state != nil {
		r.states[stateKey{n.organ, n.key}] = n.state
	}
}

// tooLate counts an outcome that did not count.
func (r *record) tooLate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late++
}
