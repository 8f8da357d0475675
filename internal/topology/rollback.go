package topology

import "fmt"

// ProveRollback returns what the former release could not go on with when it comes back behind this one: the newest version of all
// that the organs of this one handle, and of their states.
func ProveRollback(now, former *Release) []Finding {
	b := rollback{former: former}
	for _, o := range now.organs {
		b.proveOrgan(o)
	}
	return sortFindings(b.list)
}

type rollback struct {
	former *Release
	list   []*Finding
}

func (b *rollback) add(f Finding) {
	f.Kind = Rollback
	b.list = append(b.list, &f)
}

func (b *rollback) proveOrgan(o *releasedOrgan) {
	organs := b.former.organsNamed(o.Name)
	if len(organs) == 0 {
		organs = b.former.organsNamed(o.Aliases...)
	}
	if len(organs) == 0 {
		b.add(Finding{Organ: o.Name, Problem: "the former release does not have the organ: after a rollback nobody runs it, and it keeps collecting"})
		return
	}
	for e := range o.handles {
		b.proveEvent(o, organs, e, e.Name)
	}
	for e := range o.timers {
		b.proveEvent(o, organs, e, e.Name+timerMark+o.Name)
	}
	b.proveState(o, organs)
}

// proveEvent finds an event that the former release cannot read in the version and under the name that this one writes.
func (b *rollback) proveEvent(o *releasedOrgan, organs []*releasedOrgan, e *readEvent, name string) {
	v, known := b.former.judge(organs, name, e.Version)
	f := Finding{Severe: true, Organ: o.Name, Event: name, Version: e.Version, Mend: "deploy readers first: a release that handles it and does not publish or emit it yet"}
	switch v {
	case tooNew, tooOld, perhaps:
		f.Problem = fmt.Sprintf("the former release reads %s of what this one writes: after a rollback it waits, and becomes dead letters", versionsText(known))
	case unhandled:
		f.Problem = "the former release has no handler for it: after a rollback it becomes dead letters"
	case unknown:
		f.Problem = "the former release knows no event of this name: after a rollback it becomes dead letters"
	default:
		for _, old := range organs {
			if shape, ok := b.former.read(old, name)[e.Version]; ok && shape != e.Shape && shape != "" && e.Shape != "" {
				b.add(Finding{Organ: o.Name, Event: name, Version: e.Version, Problem: "its fields have changed within the version: necrogen breaking says whether the former release reads them"})
				return
			}
		}
		return
	}
	b.add(f)
}

// proveState finds a state that the former release cannot read.
func (b *rollback) proveState(o *releasedOrgan, organs []*releasedOrgan) {
	if o.state == nil {
		return
	}
	for _, old := range organs {
		if old.state == nil {
			continue
		}
		if _, ok := old.state.shapeOf(o.state.Version); ok {
			return
		}
		b.add(Finding{Severe: true, Organ: o.Name, Version: o.state.Version,
			Problem: fmt.Sprintf("the former release cannot read version %d of the state %s: after a rollback the events of its keys are declined until they are dead letters", o.state.Version, o.state.Name),
			Mend:    "deploy readers first: a release that reads the version and does not write it yet",
		})
		return
	}
}
