package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/policykey"
)

// Graph is a topology with its edges. All lists are sorted by name, and do not change with the
// order of packages and files.
type Graph struct {
	Events []*Event
	Organs []*Organ
}

// Event is the newest version of an event: older ones are turned into it before they are handled.
type Event struct {
	*model.Event
	Handlers []*Handler // the handlers that take it
	Emitters []*Handler // the handlers that emit it, each once

	index int // in Graph.Events
}

// Organ is an organ with its handlers, in source order, and then its give-up handlers.
type Organ struct {
	*model.Organ
	Handlers []*Handler
}

// Handler is one method for one event; a give-up handler is one, too.
type Handler struct {
	*model.Handler
	Organ *Organ
	Event *Event
	Emits []Emission // results, then Emit parameters, then the undos that the organ keeps where the handler compensates
	Keeps []*Event   // undos that the handler keeps, to be emitted by one that compensates
}

// HandlesOnPurpose reports whether a handler takes an event for its own sake; a handler of all events merely
// watches, and a give-up handler stands beside another one.
func (h *Handler) HandlesOnPurpose() bool { return !h.Every && !h.GiveUp }

// Emission is one way in which a handler emits an event.
type Emission struct {
	Event *Event
	// Many says that a call may emit several for one event, as []X and necro.Emit[X] do; otherwise it emits one
	// or none.
	Many bool
	// Delayed says that the event may wait first, as those of a necro.Out and of a timer do.
	Delayed bool
	// Timer says that the event is that of a timer, which goes to the handler's own organ alone.
	Timer bool
	// Undo says that the event was kept in the record, and takes back what the organ has done.
	Undo bool
	// Renews says that it is Delayed, and leads back to the event that the handler takes: each turn of such a circle is a chain
	// of its own.
	Renews bool
	// Most is how many events of this kind one call is taken to emit at most.
	Most uint64
}

// New joins the loaded packages, without the declarations of test files.
func New(t *model.Topology) *Graph {
	b := builder{events: map[*model.Event]*Event{}}
	for _, p := range t.Packages {
		if p.Test {
			continue
		}
		for _, e := range p.Events {
			if e.Upcast == nil {
				b.eventNode(e)
			}
		}
	}
	for _, p := range t.Packages {
		if p.Test {
			continue
		}
		for _, o := range p.Organs {
			b.addOrgan(o)
		}
	}
	slices.SortFunc(b.graph.Events, func(x, y *Event) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Path, y.Path), cmp.Compare(x.GoName, y.GoName))
	})
	slices.SortFunc(b.graph.Organs, func(x, y *Organ) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Path, y.Path))
	})
	b.connectEvents()
	return &b.graph
}

type builder struct {
	graph  Graph
	events map[*model.Event]*Event
}

// eventNode returns the node of an event, also of one that another module declares.
func (b *builder) eventNode(e *model.Event) *Event {
	n := b.events[e]
	if n == nil {
		n = &Event{Event: e}
		b.events[e] = n
		b.graph.Events = append(b.graph.Events, n)
	}
	return n
}

func (b *builder) addOrgan(o *model.Organ) {
	organ := &Organ{Organ: o}
	for _, h := range o.Methods() {
		handler := &Handler{Handler: h, Organ: organ, Event: b.eventNode(h.Event)}
		for _, r := range h.Results {
			if r.Undo {
				handler.Keeps = append(handler.Keeps, b.eventNode(r.Event))
				continue
			}
			many := r.Slice && !h.Batch // which returns one or none for each of its events
			x := describeEmission(b.eventNode(r.Event), many, r.Out || r.Timer, h.Event)
			x.Timer = r.Timer
			handler.Emits = append(handler.Emits, x)
		}
		for _, e := range h.Emits {
			handler.Emits = append(handler.Emits, describeEmission(b.eventNode(e.Event), true, e.Out, h.Event))
		}
		if h.Compensates {
			for _, e := range o.Undos() {
				x := describeEmission(b.eventNode(e), true, false, h.Event)
				x.Undo = true
				handler.Emits = append(handler.Emits, x)
			}
		}
		organ.Handlers = append(organ.Handlers, handler)
	}
	b.graph.Organs = append(b.graph.Organs, organ)
}

// connectEvents fills in the edges of the events, in the order of the organs.
func (b *builder) connectEvents() {
	for i, e := range b.graph.Events {
		e.index = i
	}
	for _, o := range b.graph.Organs {
		for _, h := range o.Handlers {
			h.Event.Handlers = append(h.Event.Handlers, h)
			for _, e := range h.Emits {
				if !slices.Contains(e.Event.Emitters, h) {
					e.Event.Emitters = append(e.Event.Emitters, h)
				}
			}
		}
	}
	b.markRenewals()
}

// markRenewals finds the delayed emissions that lead back to where they come from.
func (b *builder) markRenewals() {
	for _, o := range b.graph.Organs {
		for _, h := range o.Handlers {
			for i, x := range h.Emits {
				h.Emits[i].Renews = x.Delayed && b.graph.Descendants(x.Event)[h.Event]
			}
		}
	}
}

// MaxHops returns the highest number of hops at which the handler runs, and whether the source
// declares one.
func (h *Handler) MaxHops() (n int, declared bool) {
	for _, p := range []model.Policy{h.Policy, h.Organ.Policy} {
		if v, ok := p.Values["maxhops"]; ok {
			return v.Count, true
		}
	}
	return policykey.DefaultCount("maxhops"), false
}

// PolicyText returns the policy keys of the organ and of the handler, as they are written.
func (h *Handler) PolicyText() string {
	return strings.TrimSpace(PolicyText(h.Organ.Directive) + " " + PolicyText(h.Func.Directive))
}

// PolicyText returns the policy keys of a directive, as they are written.
func PolicyText(d *model.Directive) string {
	var words []string
	for i, a := range d.Args {
		if name := i == 0 && !a.HasValue && a.Text != "exclusive"; !name && a.Key != "alias" {
			words = append(words, a.Text)
		}
	}
	return strings.Join(words, " ")
}

// Entries returns the events with which chains begin: those that no handler emits but for the
// circles that they stand in.
func (g *Graph) Entries() []*Event {
	var entries []*Event
	for _, e := range g.Events {
		reached := g.Descendants(e)
		outside := func(h *Handler) bool { return !reached[h.Event] }
		if !slices.ContainsFunc(e.Emitters, outside) {
			entries = append(entries, e)
		}
	}
	return entries
}

// Descendants returns the events that descend from e, and e.
func (g *Graph) Descendants(e *Event) map[*Event]bool {
	seen := map[*Event]bool{e: true}
	for list := []*Event{e}; len(list) > 0; list = list[1:] {
		for _, h := range list[0].Handlers {
			for _, x := range h.Emits {
				if !seen[x.Event] {
					seen[x.Event] = true
					list = append(list, x.Event)
				}
			}
		}
	}
	return seen
}
