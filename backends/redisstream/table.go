package redisstream

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// target is an organ that messages go to.
type target struct {
	organ    string // its identity, which its keys are named by
	shown    string // the name under which it was bound last
	path     string // import path of its package, as bound last
	pack     int
	mode     mode
	stateful bool // it has had a state
	turning  bool // a former order has left something behind that waits to be let go
}

// hasFront reports whether messages that were stored before, for instance retries, go to the front stream.
func (t *target) hasFront() bool { return t.mode.order != "-" }

// bindings is the table of organs and events, as the server had it when it was read.
type bindings struct {
	digest   string
	events   map[string][]*target
	organs   map[string]*target  // by identity
	names    map[string]string   // identities of organs by their other names
	idents   map[string]string   // identities of events by their other names
	draining map[string][]string // events whose park is being handed over, to these organs
	removing map[string]bool     // identities whose scheduled deliveries are still to be deleted
}

// organNamed returns an organ by any of its names.
func (t *bindings) organNamed(name string) *target {
	if id, renamed := t.names[name]; renamed {
		return t.organs[id]
	}
	return t.organs[name]
}

// directTargets returns the organs that an event goes to at once: none while its park is handed over.
func (t *bindings) directTargets(event string) []*target {
	if t.draining[event] != nil {
		return nil
	}
	return t.events[event]
}

// eventIdentity returns an event's identity: the name under which it was known first.
func (t *bindings) eventIdentity(name string) string {
	if id, renamed := t.idents[name]; renamed {
		return id
	}
	return name
}

// parseBindings reads the rows of the table, each with a kind and a name. Kinds that it does not
// know are left to later versions.
func parseBindings(rows []string) (*bindings, error) {
	t := &bindings{events: map[string][]*target{}, organs: map[string]*target{}, names: map[string]string{}, idents: map[string]string{},
		draining: map[string][]string{}, removing: map[string]bool{}}
	for i := 0; i+1 < len(rows); i += 2 {
		if name, isOrgan := strings.CutPrefix(rows[i], "organ "); isOrgan {
			to, err := parseTarget(name, rows[i+1])
			if err != nil {
				return nil, err
			}
			t.organs[name] = to
		}
	}
	for i := 0; i+1 < len(rows); i += 2 {
		kind, name, _ := strings.Cut(rows[i], " ")
		value, organ := rows[i+1], t.organs[name]
		switch kind {
		case "digest":
			t.digest = value
		case "event":
			for organ := range strings.FieldsSeq(value) {
				if t.organs[organ] == nil {
					return nil, fmt.Errorf("event %s goes to organ %s, which is not bound", name, organ)
				}
				t.events[name] = append(t.events[name], t.organs[organ])
			}
		case "name":
			t.names[name] = value
		case "ident":
			t.idents[name] = value
		case "drain":
			t.draining[name] = strings.Fields(value)
		case "removing":
			t.removing[name] = true
		case "shown", "exclusive", "turn", "state":
			if organ != nil {
				organ.noteRow(kind, value)
			}
		}
	}
	return t, nil
}

func parseTarget(organ, row string) (*target, error) {
	words := strings.Fields(row)
	if len(words) != 3 {
		return nil, fmt.Errorf("organ %s is bound as %q, want path, pack and order", organ, row)
	}
	pack, err := strconv.Atoi(words[1])
	if err != nil || pack < 1 || pack > maxPack {
		return nil, fmt.Errorf("organ %s is bound with a pack of %q", organ, words[1])
	}
	return &target{organ: organ, shown: organ, path: words[0], pack: pack, mode: mode{order: words[2]}}, nil
}

// noteRow takes in a row about an organ beside the first one, which readers of an earlier version know
// nothing of.
func (t *target) noteRow(kind, value string) {
	switch kind {
	case "shown":
		t.shown = value
	case "exclusive":
		t.mode.exclusive = value == "1"
	case "turn":
		t.turning = true
	case "state":
		t.stateful = true
	}
}

// maxStale bounds how often a call is repeated because the bindings change under it.
const maxStale = 20

// errStale is the error of a call that met other bindings every time.
var errStale error = &conn.LocalError{Text: fmt.Sprintf("redis: the bindings changed %d times during one call", maxStale)}

// rowsOf are the rows of the table that tell of an organ alone.
func (t *bindings) rowsOf(organ string) []string {
	rows := []string{"organ " + organ, "exclusive " + organ, "shown " + organ, "turn " + organ, "state " + organ}
	for name, id := range t.names {
		if id == organ {
			rows = append(rows, "name "+name)
		}
	}
	return rows
}

// eventsOf are the names of events that an organ is bound to.
func (t *bindings) eventsOf(organ string) (events []store.RemoveEvent) {
	for event, targets := range t.events {
		for _, to := range targets {
			if to.organ == organ {
				events = append(events, store.RemoveEvent{Name: event})
			}
		}
	}
	return events
}

// healthOrder is the order that the health script is told: where a former order has left something behind,
// one that has it look everywhere.
func (t *target) healthOrder() string {
	if t.turning && t.mode.order == "-" {
		return "key"
	}
	return t.mode.order
}

// unlessUsual returns a value, or nothing where it goes without saying.
func unlessUsual(usual, value string) string {
	if value == usual {
		return ""
	}
	return value
}

// routes collects where the messages of one call go.
type routes struct {
	table *bindings
	store.Routes
	known []*target // of Routes.Targets
}

func newRoutes(keys store.Keys, t *bindings) *routes {
	return &routes{table: t, Routes: store.Routes{Keys: keys}}
}

// findRoute returns the number of a route that was added already.
func (rs *routes) findRoute(event string) (number int, ok bool) {
	for i := range rs.List {
		if rs.List[i].Event == event && !rs.List[i].Later {
			return i, true
		}
	}
	return 0, false
}

// addRoute adds a route, and returns its number.
func (rs *routes) addRoute(r store.Route) int {
	rs.List = append(rs.List, r)
	return len(rs.List) - 1
}

// routeOf returns the number of a type's route.
func (rs *routes) routeOf(t *contract.EventType) int {
	if number, ok := rs.findRoute(t.Name); ok {
		return number
	}
	if rs.table.draining[t.Name] != nil {
		return rs.addRoute(store.Route{Event: t.Name, Park: true, Behind: true, Pack: 1})
	}
	r := store.Route{Event: t.Name, Pack: maxPack}
	for _, to := range rs.table.events[t.Name] {
		r.Targets = append(r.Targets, rs.targetNumber(to, false))
		r.Pack = min(r.Pack, to.pack)
	}
	if len(r.Targets) == 0 {
		r.Park, r.Pack = !t.Output, 1
	}
	return rs.addRoute(r)
}

// laterRoute returns the number of the route into the schedule, for delayed events of a type.
func (rs *routes) laterRoute(t *contract.EventType) int {
	for i := range rs.List {
		if rs.List[i].Later && rs.List[i].Event == t.Name {
			return i
		}
	}
	return rs.addRoute(store.Route{Event: t.Name, Later: true, Output: t.Output, Pack: 1})
}

// dueRoute returns the number of the route of a delayed event that is due, by what stands for it in the schedule.
func (rs *routes) dueRoute(member string) int {
	name, output := strings.CutPrefix(member[1:], "!")
	return rs.routeOf(&contract.EventType{Name: name, Output: output})
}

// directRoute returns the number of a route to one organ's queue, or to the stream in front of it.
func (rs *routes) directRoute(to *target, front bool) int {
	name := " q " + to.organ // unlike the name of any event
	if front {
		name = " first " + to.organ
	}
	if number, ok := rs.findRoute(name); ok {
		return number
	}
	return rs.addRoute(store.Route{Event: name, Targets: []int{rs.targetNumber(to, front)}, Pack: to.pack})
}

// routeNowhere returns the number of the route of unwanted messages, as the scripts count.
func (rs *routes) routeNowhere() int {
	return rs.routeOf(&contract.EventType{Output: true}) + 1
}

// targetNumber returns the number of a target.
func (rs *routes) targetNumber(to *target, front bool) int {
	for i, known := range rs.known {
		if known == to && rs.Targets[i].Front == front {
			return i
		}
	}
	rs.known = append(rs.known, to)
	rs.Targets = append(rs.Targets, store.Target{Organ: to.organ, Front: front, Pack: to.pack})
	return len(rs.Targets) - 1
}
