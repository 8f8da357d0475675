package topology

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// timerMark stands between the name of an event and that of an organ in the name of the events of a timer.
const timerMark = "@"

// Release is all programs of a release that share a backend. What it holds is linear in the size of its files, which come from anybody.
type Release struct {
	organs  []*releasedOrgan
	byName  map[string][]*releasedOrgan // by all names
	events  map[string][]*readEvent     // by all names; of each program its own
	handled map[*readEvent][]*releasedOrgan
}

// readEvent is an event with what is read of it.
type readEvent struct {
	*Event
	read map[string]map[int]string // shapes, by name and version
}

// releasedOrgan is an organ with what it reads.
type releasedOrgan struct {
	Organ
	names   []string // its own, then the aliases
	handles map[*readEvent]bool
	timers  map[*readEvent]bool
	state   *State
}

// NewRelease joins the files of a release: one for each of its programs.
func NewRelease(files ...*File) *Release {
	r := &Release{byName: map[string][]*releasedOrgan{}, events: map[string][]*readEvent{}, handled: map[*readEvent][]*releasedOrgan{}}
	for _, f := range files {
		events, states := map[string]*readEvent{}, map[string]*State{}
		for i := range f.Events {
			e := r.addEvent(&f.Events[i])
			events[e.Name] = e
		}
		for i := range f.States {
			states[f.States[i].Organ] = &f.States[i]
		}
		for _, o := range f.Organs {
			r.addOrgan(o, events, states[o.Name])
		}
	}
	slices.SortStableFunc(r.organs, func(a, b *releasedOrgan) int { return cmp.Compare(a.Name, b.Name) })
	return r
}

// addEvent makes an event known under its names, with all its versions.
func (r *Release) addEvent(event *Event) *readEvent {
	e := &readEvent{event, map[string]map[int]string{}}
	for _, v := range e.versions() {
		for _, name := range v.names() {
			if e.read[name] == nil {
				e.read[name] = map[int]string{}
				r.events[name] = append(r.events[name], e)
			}
			e.read[name][v.Version] = v.Shape
		}
	}
	return e
}

func (r *Release) addOrgan(o Organ, events map[string]*readEvent, state *State) {
	released := &releasedOrgan{Organ: o, names: append([]string{o.Name}, o.Aliases...), handles: map[*readEvent]bool{}, timers: map[*readEvent]bool{}, state: state}
	for _, name := range o.Handles {
		if e := events[name]; !released.handles[e] {
			released.handles[e] = true
			r.handled[e] = append(r.handled[e], released)
		}
	}
	for _, name := range o.Timers {
		released.timers[events[name]] = true
	}
	r.organs = append(r.organs, released)
	for _, name := range released.names {
		r.byName[name] = append(r.byName[name], released)
	}
}

// read returns the shapes by version of what an organ reads under a name, or nil. A timer has the names of its event and of its organ.
func (r *Release) read(o *releasedOrgan, name string) map[int]string {
	event, organ := splitTimer(name)
	taken := o.handles
	if organ != "" {
		if taken = o.timers; !slices.Contains(o.names, organ) {
			return nil
		}
	}
	for _, e := range r.events[event] {
		if taken[e] {
			return e.read[event]
		}
	}
	return nil
}

// outputs reports whether no organ is expected to handle an event of that name.
func (r *Release) outputs(name string) bool {
	return slices.ContainsFunc(r.events[name], func(e *readEvent) bool { return e.Output })
}

// every returns the schedule of an event, or nothing.
func (r *Release) every(name string) string {
	for _, e := range r.events[name] {
		if e.Every != "" {
			return e.Every
		}
	}
	return ""
}

// versions returns all versions of an event, the newest first, each with its name.
func (e *Event) versions() []Version {
	list := []Version{{e.Name, e.Aliases, e.Version, e.Shape}}
	for _, v := range e.Upcasts {
		v.Name = cmp.Or(v.Name, e.Name)
		list = append(list, v)
	}
	return list
}

func (v Version) names() []string { return append([]string{v.Name}, v.Aliases...) }

// shapeOf returns the shape of a version of a state, and whether a release reads it.
func (s *State) shapeOf(version int) (shape string, ok bool) {
	if version == s.Version {
		return s.Shape, true
	}
	for _, v := range s.Upcasts {
		if v.Version == version {
			return v.Shape, true
		}
	}
	return "", false
}

// organsNamed returns the organs of the release that one with these names is.
func (r *Release) organsNamed(names ...string) (found []*releasedOrgan) {
	for _, name := range names {
		for _, o := range r.byName[name] {
			if !slices.Contains(found, o) {
				found = append(found, o)
			}
		}
	}
	return found
}

// handlers returns the organs that handle an event of that name.
func (r *Release) handlers(event string) (found []*releasedOrgan) {
	for _, e := range r.events[event] {
		found = append(found, r.handled[e]...)
	}
	return found
}

// splitTimer returns the event and the organ of a timer's event; organ is empty for another event.
func splitTimer(name string) (event, organ string) {
	event, organ, _ = strings.Cut(name, timerMark)
	return event, organ
}

// eventsNamed returns the events of a name, which may be that of a timer.
func (r *Release) eventsNamed(name string) []*readEvent {
	event, _ := splitTimer(name)
	return r.events[event]
}

// knows reports whether an event of that name is declared, handled or emitted.
func (r *Release) knows(event string) bool { return len(r.eventsNamed(event)) > 0 }

// verdict says what organs make of an event.
type verdict int

const (
	readable  verdict = iota
	tooNew            // its version is above those that they know
	tooOld            // no upcast leads from its version
	perhaps           // its version is older than the newest, which is of a module that necrogen has not seen
	unhandled         // they have no handler
	unknown           // nobody in the release knows the name
)

// judge says what organs of the release make of a version of an event, and which versions they know.
func (r *Release) judge(organs []*releasedOrgan, event string, version int) (v verdict, known []int) {
	for _, o := range organs {
		read := r.read(o, event)
		if _, ok := read[version]; ok {
			return readable, nil
		}
		known = slices.AppendSeq(known, maps.Keys(read))
	}
	slices.Sort(known)
	known = slices.Compact(known)
	switch {
	case len(known) == 0 && r.knows(event):
		return unhandled, nil
	case len(known) == 0:
		return unknown, nil
	case version > known[len(known)-1]:
		return tooNew, known
	case slices.ContainsFunc(r.eventsNamed(event), func(e *readEvent) bool { return e.Foreign }):
		return perhaps, known
	}
	return tooOld, known
}
