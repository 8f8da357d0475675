package topology

import (
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// OfSpecs returns the file of a program with these organs. The events are those that the organs handle or emit.
func OfSpecs(module, version string, specs []contract.OrganSpec) *File {
	f := NewFile(module, version)
	for i := range specs {
		f.addSpec(&specs[i])
	}
	f.sort()
	return f
}

func (f *File) addSpec(spec *contract.OrganSpec) {
	p := &spec.Policy
	o := Organ{Name: spec.Name, Aliases: spec.Aliases, Path: spec.Path, Exclusive: p.Exclusive, Lanes: p.Lanes}
	for i := range spec.Routes {
		route := &spec.Routes[i]
		o.Handles = append(o.Handles, f.addType(route.Event))
		for _, r := range []*contract.Route{route, route.GiveUp} {
			if r == nil {
				continue
			}
			for _, t := range slices.Concat(r.Emits, r.Undos) {
				o.Emits = append(o.Emits, f.addType(t))
			}
			for _, t := range r.Timers {
				o.Timers = append(o.Timers, f.addType(t))
			}
		}
	}
	o.Order = OrderText(p.Order)
	if s := spec.State; s != nil {
		o.State = s.Name
		f.States = append(f.States, stateOf(spec.Name, s))
	}
	f.Organs = append(f.Organs, o)
}

// OrderText writes an order as annotations do; the usual one is empty.
func OrderText(mode contract.OrderMode) string {
	switch mode {
	case contract.OrderKey:
		return "key"
	case contract.OrderStrict:
		return "strict"
	}
	return ""
}

// addType adds an event, and returns its name.
func (f *File) addType(t *contract.EventType) string {
	if slices.ContainsFunc(f.Events, func(e Event) bool { return e.Name == t.Name }) {
		return t.Name
	}
	e := Event{Name: t.Name, Aliases: t.Aliases, Version: t.Version, Shape: ShapeText(t.Fingerprint), Output: t.Output}
	if t.Every != nil {
		e.Every = t.Every.String()
	}
	for old := t.Previous; old != nil; old = old.Previous {
		e.Upcasts = append(e.Upcasts, VersionOf(t.Name, old.Name, old.Aliases, old.Version, old.Fingerprint))
	}
	f.Events = append(f.Events, e)
	return t.Name
}

// VersionOf returns an older version of what is named newest.
func VersionOf(newest, name string, aliases []string, version int, fingerprint uint64) Version {
	if name == newest {
		name = ""
	}
	return Version{Name: name, Aliases: aliases, Version: version, Shape: ShapeText(fingerprint)}
}

func stateOf(organ string, t *contract.StateType) State {
	s := State{Name: t.Name, Organ: organ, Version: t.Version, Shape: ShapeText(t.Fingerprint)}
	for old := t.Previous; old != nil; old = old.Previous {
		s.Upcasts = append(s.Upcasts, VersionOf(t.Name, old.Name, nil, old.Version, old.Fingerprint))
	}
	return s
}
