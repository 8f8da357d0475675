// Package release describes what was loaded as a release, for necroctl prove: what its programs can read, handle and emit.
package release

import (
	"cmp"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/topology"
)

// Prints are the hashes of the shapes of events and states.
type Prints map[*model.Event]uint64

// Describe returns the file of what was loaded, without the declarations of test files.
func Describe(t *model.Topology, necrogen string, prints Prints) *topology.File {
	d := describer{prints: prints, older: map[*model.Event][]*model.Event{}}
	for _, p := range t.Packages {
		if p.Test {
			continue
		}
		d.module = cmp.Or(d.module, rootModule(p))
		for _, e := range p.Coded() {
			if e.Upcast != nil {
				d.older[e.Upcast.To] = append(d.older[e.Upcast.To], e)
			}
		}
	}
	f := topology.NewFile(d.module, necrogen)
	g := graph.New(t)
	for _, e := range g.Events {
		f.Events = append(f.Events, d.describeEvent(e.Event))
	}
	for _, o := range g.Organs {
		f.Organs = append(f.Organs, describeOrgan(o))
		if s := o.State(); s != nil {
			f.States = append(f.States, topology.State{Name: s.Name, Organ: o.Name, Version: s.Version, Shape: d.shapeOf(s), Upcasts: d.upcastsTo(s, s.Name)})
		}
	}
	return f
}

// rootModule returns the module of a package that was named.
func rootModule(p *model.Package) string {
	if p.Root {
		return p.Module
	}
	return ""
}

type describer struct {
	module string
	prints Prints
	older  map[*model.Event][]*model.Event // versions by the one that they are turned into
}

func (d *describer) describeEvent(e *model.Event) topology.Event {
	out := topology.Event{Name: e.Name, Aliases: e.Aliases, Version: e.Version, Shape: d.shapeOf(e), Output: e.Output, Foreign: e.Foreign, Upcasts: d.upcastsTo(e, e.Name)}
	if s := e.Every; s != nil {
		out.Every = topology.ScheduleText(s.Expression, s.Zone, s.Catchup, s.Jitter)
	}
	return out
}

func (d *describer) shapeOf(e *model.Event) string {
	print, known := d.prints[e]
	if !known {
		return ""
	}
	return topology.ShapeText(print)
}

// upcastsTo returns the older versions of an event or a state, the newest first.
func (d *describer) upcastsTo(e *model.Event, newest string) (list []topology.Version) {
	for _, old := range d.older[e] {
		v := topology.Version{Aliases: old.Aliases, Version: old.Version, Shape: d.shapeOf(old)}
		if old.Name != newest {
			v.Name = old.Name
		}
		list = append(append(list, v), d.upcastsTo(old, newest)...)
	}
	return list
}

func describeOrgan(o *graph.Organ) topology.Organ {
	out := topology.Organ{
		Name: o.Name, Aliases: o.Aliases, Path: o.Path,
		Order: o.Policy.Word("order"), Exclusive: o.Policy.Values["exclusive"].On, Lanes: o.Policy.Values["lanes"].Count,
	}
	if s := o.State(); s != nil {
		out.State = s.Name
	}
	for _, h := range o.Handlers {
		if !h.GiveUp {
			out.Handles = append(out.Handles, h.Event.Name)
		}
		for _, x := range h.Emits {
			if x.Timer {
				out.Timers = append(out.Timers, x.Event.Name)
			} else {
				out.Emits = append(out.Emits, x.Event.Name)
			}
		}
		for _, e := range h.Keeps {
			out.Emits = append(out.Emits, e.Name)
		}
	}
	return out
}
