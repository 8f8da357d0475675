package topology

import (
	"cmp"
	"slices"
	"strings"
)

// timerMark stands between the name of an event and that of an organ in the name of the events of a timer.
const timerMark = "@"

// Release is all programs of a release that share a backend.
type Release struct {
	organs []*releasedOrgan
	byName map[string][]*releasedOrgan // by all names
	events map[string]bool             // all names of events that the release knows
	output map[string]bool             // those that no organ is expected to handle
	every  map[string]string           // schedules, by all names of their events
}

// releasedOrgan is an organ with what it reads.
type releasedOrgan struct {
	Organ
	names    []string // its own, then the aliases
	handles  []*Event
	timers   []*Event
	state    *State
	versions map[string]map[int]string // shapes by name and version, of all that the organ reads
}

// NewRelease joins the files of a release: one for each of its programs.
func NewRelease(files ...*File) *Release {
	r := &Release{byName: map[string][]*releasedOrgan{}, events: map[string]bool{}, output: map[string]bool{}, every: map[string]string{}}
	for _, f := range files {
		byName := map[string]*Event{}
		for i := range f.Events {
			e := &f.Events[i]
			byName[e.Name] = e
			r.addEvent(e)
		}
		for _, o := range f.Organs {
			r.addOrgan(f, o, byName)
		}
	}
	slices.SortStableFunc(r.organs, func(a, b *releasedOrgan) int { return cmp.Compare(a.Name, b.Name) })
	return r
}

func (r *Release) addEvent(e *Event) {
	for _, v := range e.versions() {
		for _, name := range v.names() {
			r.events[name] = true
			r.output[name] = r.output[name] || e.Output
			if e.Every != "" {
				r.every[name] = e.Every
			}
		}
	}
}

func (r *Release) addOrgan(f *File, o Organ, events map[string]*Event) {
	released := &releasedOrgan{Organ: o, names: append([]string{o.Name}, o.Aliases...), versions: map[string]map[int]string{}}
	for _, name := range o.Handles {
		released.handles = append(released.handles, events[name])
		released.addReaders(events[name], "")
	}
	for _, name := range o.Timers {
		released.timers = append(released.timers, events[name])
		for _, organ := range released.names {
			released.addReaders(events[name], timerMark+organ)
		}
	}
	for i := range f.States {
		if s := &f.States[i]; s.Organ == o.Name {
			released.state = s
		}
	}
	r.organs = append(r.organs, released)
	for _, name := range released.names {
		r.byName[name] = append(r.byName[name], released)
	}
}

// addReaders makes an event known under its names, with all its versions.
func (o *releasedOrgan) addReaders(e *Event, suffix string) {
	for _, v := range e.versions() {
		for _, name := range v.names() {
			name += suffix
			if o.versions[name] == nil {
				o.versions[name] = map[int]string{}
			}
			o.versions[name][v.Version] = v.Shape
		}
	}
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

// handlers returns the organs that handle an event of that name: of a timer those of its organ.
func (r *Release) handlers(event string) (found []*releasedOrgan) {
	for _, o := range r.organs {
		if o.versions[event] != nil {
			found = append(found, o)
		}
	}
	return found
}

// splitTimer returns the event and the organ of a timer's event; organ is empty for another event.
func splitTimer(name string) (event, organ string) {
	event, organ, _ = strings.Cut(name, timerMark)
	return event, organ
}

// knows reports whether an event of that name is declared, handled or emitted.
func (r *Release) knows(event string) bool {
	name, _ := splitTimer(event)
	return r.events[name]
}

// verdict says what organs make of an event.
type verdict int

const (
	readable  verdict = iota
	tooNew            // its version is above those that they know
	tooOld            // no upcast leads from its version
	unhandled         // they have no handler
	unknown           // nobody in the release knows the name
)

// judge says what organs of the release make of a version of an event, and which versions they know.
func (r *Release) judge(organs []*releasedOrgan, event string, version int) (v verdict, known []int) {
	for _, o := range organs {
		for have := range o.versions[event] {
			known = append(known, have)
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	switch {
	case slices.Contains(known, version):
		return readable, known
	case len(known) == 0 && r.knows(event):
		return unhandled, nil
	case len(known) == 0:
		return unknown, nil
	case version > known[len(known)-1]:
		return tooNew, known
	}
	return tooOld, known
}
