package draw

import (
	"fmt"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// Picture is the drawing.
type Picture struct {
	Events []*Event
	Organs []*Organ
}

// Event is a node.
type Event struct {
	*graph.Event
	Entry bool // a chain begins with it
	id    string
}

// Organ is a box around the methods that it handles events with.
type Organ struct {
	*graph.Organ
	Methods []*Method // in source order
	id      string
}

// Method is a node with its edges. One that takes an interface has several events.
type Method struct {
	Name   string
	Policy string // its own keys, as they are written
	Events []*Event
	Emits  []Emission
	Keeps  []string // names of the undos that it keeps

	// Interface says that it takes whatever implements an interface, GiveUp that it is called when a delivery is given up, and Batch
	// that it takes several deliveries at a time.
	Interface, GiveUp, Batch bool

	id string
}

// Emission is an edge to an event; the rest is as in package graph.
type Emission struct {
	Event   *Event
	Many    bool
	Delayed bool
	Timer   bool
	Undo    bool
}

// label says in words what kind of an edge it is; empty for the plain kind.
func (x Emission) label() string {
	switch {
	case x.Timer:
		return "timer"
	case x.Undo:
		return "undo"
	case x.Many && x.Delayed:
		return "many, later"
	case x.Many:
		return "many"
	case x.Delayed:
		return "later"
	}
	return ""
}

// All draws everything.
func All(g *graph.Graph) *Picture { return makePicture(g, func(*graph.Event) bool { return true }) }

// Chain draws the chain that begins with an event. It returns nil when there is no event of that
// name.
func Chain(g *graph.Graph, name string) *Picture {
	descends := map[*graph.Event]bool{}
	for _, e := range g.Events {
		if e.Name == name {
			for d := range g.Descendants(e) {
				descends[d] = true
			}
		}
	}
	if len(descends) == 0 {
		return nil
	}
	return makePicture(g, func(e *graph.Event) bool { return descends[e] })
}

// makePicture makes nodes of the events that are shown, and of the methods that take them.
func makePicture(g *graph.Graph, shown func(*graph.Event) bool) *Picture {
	p, ids := &Picture{}, names{}
	events := map[*graph.Event]*Event{}
	entries := g.Entries()
	for _, e := range g.Events {
		if shown(e) {
			events[e] = &Event{Event: e, Entry: slices.Contains(entries, e), id: ids.pickName("event_" + e.Name)}
			p.Events = append(p.Events, events[e])
		}
	}
	for _, o := range g.Organs {
		organ := &Organ{Organ: o, id: ids.pickName("organ_" + o.Name)}
		organ.addMethods(events, ids)
		if len(organ.Methods) > 0 {
			p.Organs = append(p.Organs, organ)
		}
	}
	return p
}

func (o *Organ) addMethods(events map[*graph.Event]*Event, ids names) {
	methods := map[*model.Func]*Method{}
	for _, h := range o.Handlers {
		e := events[h.Event]
		if e == nil {
			continue
		}
		m := methods[h.Func]
		if m == nil {
			m = &Method{Name: h.Method, Policy: graph.PolicyText(h.Func.Directive), GiveUp: h.GiveUp, Batch: h.Batch, Interface: h.Interface, id: ids.pickName(o.id + "_" + h.Method)}
			for _, e := range h.Keeps {
				m.Keeps = append(m.Keeps, e.Name)
			}
			for _, x := range h.Emits {
				m.Emits = append(m.Emits, Emission{events[x.Event], x.Many, x.Delayed, x.Timer, x.Undo})
			}
			methods[h.Func] = m
			o.Methods = append(o.Methods, m)
		}
		m.Events = append(m.Events, e)
	}
}

// stateText says what the organ keeps for each key; empty for nothing.
func (o *Organ) stateText() string {
	if s := o.State(); s != nil {
		return "state " + s.GoName
	}
	return ""
}

// note says when a method is called that does not handle its event, and which undos it keeps.
func (m *Method) note() string {
	var words []string
	if m.GiveUp {
		words = append(words, "when given up")
	}
	if len(m.Keeps) > 0 {
		words = append(words, "keeps "+strings.Join(m.Keeps, ", "))
	}
	return strings.Join(words, "; ")
}

// eventTitle names an event as people read it.
func (e *Event) eventTitle() string {
	if e.Version == 1 {
		return e.Name
	}
	return fmt.Sprintf("%s v%d", e.Name, e.Version)
}

// everyText says when the event is published by itself; empty for an event that others publish.
func (e *Event) everyText() string {
	if e.Every == nil {
		return ""
	}
	text := "every " + e.Every.Expression
	if e.Every.Zone != "" {
		text += " " + e.Every.Zone
	}
	return text
}

// names are the ids in use. A name may have dots and dashes, which ids may not.
type names map[string]bool

func (n names) pickName(name string) string {
	id := strings.Map(func(r rune) rune {
		if r == '.' || r == '-' {
			return '_'
		}
		return r
	}, name)
	for n[id] {
		id += "_"
	}
	n[id] = true
	return id
}
