// Package table holds the table of bindings: which organs there are, how each is bound, and which events go to which
// of them.
//
// The server has the table in a hash of each partition, and scripts alone change it: those that bind, remove, hand over
// and change modes. A process reads it as [Bindings], which are immutable from then on. Each script that stores messages carries the digest of the bindings
// that its [Routes] were made from. The server refuses it when it has others by now, before the first write, and the
// caller reads the table again and repeats the call ([ErrStale], [MaxStale]).
//
// The package does no I/O. Package loop reads the table and acts by it; the backend publishes and lists by it.
package table

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Target is an organ that messages go to.
type Target struct {
	Organ    string // its identity, which its keys are named by
	Shown    string // the name under which it was bound last
	Path     string // import path of its package, as bound last
	Pack     int
	Mode     Mode
	Stateful bool // it has had a state
	Turning  bool // a former order has left something behind that waits to be let go
}

// HasFront reports whether messages that were stored before, for instance retries, go to the front stream.
func (t *Target) HasFront() bool { return t.Mode.Order != "-" }

// Bindings is the table of organs and events, as the server had it when it was read.
type Bindings struct {
	Digest   string
	Events   map[string][]*Target
	Organs   map[string]*Target  // by identity
	Names    map[string]string   // identities of organs by their other names
	Idents   map[string]string   // identities of events by their other names
	Draining map[string][]string // events whose park is being handed over, to these organs
	Removing map[string]bool     // identities whose scheduled deliveries are still to be deleted
}

// OrganNamed returns an organ by any of its names.
func (t *Bindings) OrganNamed(name string) *Target {
	if id, renamed := t.Names[name]; renamed {
		return t.Organs[id]
	}
	return t.Organs[name]
}

// DirectTargets returns the organs that an event goes to at once: none while its park is handed over.
func (t *Bindings) DirectTargets(event string) []*Target {
	if t.Draining[event] != nil {
		return nil
	}
	return t.Events[event]
}

// EventIdentity returns an event's identity: the name under which it was known first.
func (t *Bindings) EventIdentity(name string) string {
	if id, renamed := t.Idents[name]; renamed {
		return id
	}
	return name
}

// ParseBindings reads the rows of the table, each with a kind and a name. Kinds that it does not
// know are left to later versions.
func ParseBindings(rows []string) (*Bindings, error) {
	t := &Bindings{Events: map[string][]*Target{}, Organs: map[string]*Target{}, Names: map[string]string{}, Idents: map[string]string{},
		Draining: map[string][]string{}, Removing: map[string]bool{}}
	for i := 0; i+1 < len(rows); i += 2 {
		if name, isOrgan := strings.CutPrefix(rows[i], "organ "); isOrgan {
			to, err := parseTarget(name, rows[i+1])
			if err != nil {
				return nil, err
			}
			t.Organs[name] = to
		}
	}
	for i := 0; i+1 < len(rows); i += 2 {
		kind, name, _ := strings.Cut(rows[i], " ")
		value, organ := rows[i+1], t.Organs[name]
		switch kind {
		case "digest":
			t.Digest = value
		case "event":
			for organ := range strings.FieldsSeq(value) {
				if t.Organs[organ] == nil {
					return nil, fmt.Errorf("event %s goes to organ %s, which is not bound", name, organ)
				}
				t.Events[name] = append(t.Events[name], t.Organs[organ])
			}
		case "name":
			t.Names[name] = value
		case "ident":
			t.Idents[name] = value
		case "drain":
			t.Draining[name] = strings.Fields(value)
		case "removing":
			t.Removing[name] = true
		case "shown", "exclusive", "turn", "state":
			if organ != nil {
				organ.noteRow(kind, value)
			}
		}
	}
	return t, nil
}

func parseTarget(organ, row string) (*Target, error) {
	words := strings.Fields(row)
	if len(words) != 3 {
		return nil, fmt.Errorf("organ %s is bound as %q, want path, pack and order", organ, row)
	}
	pack, err := strconv.Atoi(words[1])
	if err != nil || pack < 1 || pack > message.MaxPack {
		return nil, fmt.Errorf("organ %s is bound with a pack of %q", organ, words[1])
	}
	return &Target{Organ: organ, Shown: organ, Path: words[0], Pack: pack, Mode: modeOf(words[2])}, nil
}

// noteRow takes in a row about an organ beside the first one, which readers of an earlier version know
// nothing of.
func (t *Target) noteRow(kind, value string) {
	switch kind {
	case "shown":
		t.Shown = value
	case "exclusive":
		t.Mode.Exclusive = value == "1"
	case "turn":
		t.Turning = true
	case "state":
		t.Stateful = true
	}
}

// MaxStale bounds how often a call is repeated because the bindings change under it.
const MaxStale = 20

// ErrStale is the error of a call that met other bindings every time.
var ErrStale error = &conn.LocalError{Text: fmt.Sprintf("redis: the bindings changed %d times during one call", MaxStale)}

// RowsOf are the rows of the table that tell of an organ alone.
func (t *Bindings) RowsOf(organ string) []string {
	rows := []string{"organ " + organ, "exclusive " + organ, "shown " + organ, "turn " + organ, "state " + organ}
	for name, id := range t.Names {
		if id == organ {
			rows = append(rows, "name "+name)
		}
	}
	return rows
}

// EventsOf are the names of events that an organ is bound to.
func (t *Bindings) EventsOf(organ string) (events []store.RemoveEvent) {
	for event, targets := range t.Events {
		for _, to := range targets {
			if to.Organ == organ {
				events = append(events, store.RemoveEvent{Name: event})
			}
		}
	}
	return events
}

// HealthOrder is the order that the health script is told: where a former order has left something behind,
// one that has it look everywhere.
func (t *Target) HealthOrder() string {
	if t.Turning && t.Mode.Order == "-" {
		return "key"
	}
	return t.Mode.Order
}

// UnlessUsual returns a value, or nothing where it goes without saying.
func UnlessUsual(usual, value string) string {
	if value == usual {
		return ""
	}
	return value
}

// Routes collects where the messages of one call go.
type Routes struct {
	table *Bindings
	store.Routes
	known []*Target // of Routes.Targets
}

func NewRoutes(keys store.Keys, t *Bindings) *Routes {
	return &Routes{table: t, Routes: store.Routes{Keys: keys}}
}

// findRoute returns the number of a route that was added already.
func (rs *Routes) findRoute(event string) (number int, ok bool) {
	for i := range rs.List {
		if rs.List[i].Event == event && !rs.List[i].Later {
			return i, true
		}
	}
	return 0, false
}

// addRoute adds a route, and returns its number.
func (rs *Routes) addRoute(r store.Route) int {
	rs.List = append(rs.List, r)
	return len(rs.List) - 1
}

// RouteOf returns the number of a type's route.
func (rs *Routes) RouteOf(t *contract.EventType) int {
	if number, ok := rs.findRoute(t.Name); ok {
		return number
	}
	if rs.table.Draining[t.Name] != nil {
		return rs.addRoute(store.Route{Event: t.Name, Park: true, Behind: true, Pack: 1})
	}
	r := store.Route{Event: t.Name, Pack: message.MaxPack}
	for _, to := range rs.table.Events[t.Name] {
		r.Targets = append(r.Targets, rs.targetNumber(to, false))
		r.Pack = min(r.Pack, to.Pack)
	}
	if len(r.Targets) == 0 {
		r.Park, r.Pack = !t.Output, 1
	}
	return rs.addRoute(r)
}

// LaterRoute returns the number of the route into the schedule, for delayed events of a type.
func (rs *Routes) LaterRoute(t *contract.EventType) int {
	for i := range rs.List {
		if rs.List[i].Later && rs.List[i].Event == t.Name {
			return i
		}
	}
	return rs.addRoute(store.Route{Event: t.Name, Later: true, Output: t.Output, Pack: 1})
}

// DueRoute returns the number of the route of a delayed event that is due, by what stands for it in the schedule.
func (rs *Routes) DueRoute(member string) int {
	name, output := strings.CutPrefix(member[1:], "!")
	return rs.RouteOf(&contract.EventType{Name: name, Output: output})
}

// DirectRoute returns the number of a route to one organ's queue, or to the stream in front of it.
func (rs *Routes) DirectRoute(to *Target, front bool) int {
	name := " q " + to.Organ // unlike the name of any event
	if front {
		name = " first " + to.Organ
	}
	if number, ok := rs.findRoute(name); ok {
		return number
	}
	return rs.addRoute(store.Route{Event: name, Targets: []int{rs.targetNumber(to, front)}, Pack: to.Pack})
}

// RouteNowhere returns the number of the route of unwanted messages, as the scripts count.
func (rs *Routes) RouteNowhere() int {
	return rs.RouteOf(&contract.EventType{Output: true}) + 1
}

// targetNumber returns the number of a target.
func (rs *Routes) targetNumber(to *Target, front bool) int {
	for i, known := range rs.known {
		if known == to && rs.Targets[i].Front == front {
			return i
		}
	}
	rs.known = append(rs.known, to)
	rs.Targets = append(rs.Targets, store.Target{Organ: to.Organ, Front: front, Pack: to.Pack})
	return len(rs.Targets) - 1
}
