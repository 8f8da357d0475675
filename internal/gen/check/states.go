package check

import (
	"go/ast"
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

const notEmitted = "a state is stored when its handler returns, and not emitted: events are structs marked with //necro:event"

const oneState = "an organ keeps one struct for a key: put the fields of both into it, or make two organs"

// checkTTL judges how long records live.
func (c *checker) checkTTL(a *model.Arg) {
	switch ttl, err := directive.ParseTTL(a.Value); {
	case err != nil:
		c.badValue(a, err)
	case ttl < directive.MinTTL:
		c.addDiag(diag.New(diag.OutOfRange, a.ValuePos, a.Key, a.Value, "at least 1s").
			WithHint("for example ttl=90d; without it records live for ever"))
	}
}

// handlerState judges the parameter in front of the event.
func (c *checker) handlerState(f *model.Func, in *model.Param) {
	if !in.Pointer {
		c.addDiag(diag.New(diag.StateByValue, in.Pos, f.Name, in.Desc).
			WithHint("write *%s: what the handler changes is stored", in.Desc))
		return
	}
	c.newestState(in)
}

// stateInFront reports a parameter in front of the event that is no state, and says whether it did, or the fault of the type
// is told elsewhere: the parameters behind it can't be judged by their places.
func (c *checker) stateInFront(p *model.Package, f *model.Func) bool {
	in, r := f.Params[1], referenceOf(f.Params[1].Desc)
	isEventNext := len(f.Params) > 2 && (f.Params[2].Role == model.RoleEvent || f.Params[2].Role == model.RoleInterface)
	switch {
	case in.State != nil: // several of them
		c.addDiag(diag.New(diag.HandlerEvent, in.Pos, "second", f.Name, in.Desc).
			WithHint("write *%s: an organ keeps one for each key", in.State.GoName))
	case in.Role == model.RoleInvalid && isEventNext:
		c.addInvalidType(p, f, in)
	case in.Role != model.RoleOther || !isEventNext:
		return false
	case c.isToldElsewhere(p, in.Desc):
	default:
		declared := c.packageOf(p, r)
		if declared == nil || codedOf(declared, r.name) != nil || organOf(declared, r.name) != nil {
			return false
		}
		c.addDiag(diag.New(diag.HandlerEvent, in.Pos, "second", f.Name, in.Desc).
			WithHint("a state may stand in front of the event: mark %s with //necro:state", r.name).
			WithRelated(declared.Names[r.name], "%s is declared here", r.name))
	}
	return true
}

// newestState reports an older version, which is upcast before a handler sees it.
func (c *checker) newestState(in *model.Param) {
	newest := newestOf(in.State)
	if newest.Version <= in.State.Version {
		return
	}
	c.addDiag(diag.New(diag.OldVersion, in.Pos, in.State.GoName, in.State.Version, newest.Name, newest.Version).
		WithHint("use %s: older ones are upcast to it", newest.GoName).
		WithRelated(newest.Pos, "the newest version"))
}

// newestOf follows the upcasts of a state to their end.
func newestOf(s *model.Event) *model.Event {
	seen := map[*model.Event]bool{}
	for s.Upcast != nil && !seen[s] {
		seen[s] = true
		s = s.Upcast.To
	}
	return s
}

// handlerEnds judges the results of type necro.End.
func (c *checker) handlerEnds(f *model.Func) {
	first := (*model.Param)(nil)
	for _, r := range f.Results {
		switch {
		case r.Role != model.RoleEnd:
		case first != nil:
			c.addDiag(diag.New(diag.TwoEnds, r.Pos, f.Name).WithHint("keep one of the two").WithRelated(first.Pos, "the first one"))
		default:
			if first = r; f.EventAt() == 1 {
				c.addDiag(diag.New(diag.EndNoState, r.Pos, f.Name).
					WithHint("take the state of the organ between the context and the event, or leave the result out"))
			}
		}
	}
}

// checkStates judges which organ keeps which state, over everything that was loaded together.
func (c *checker) checkStates() {
	keptBy := map[*model.Event]*model.Organ{}
	for _, o := range c.allOrgans() {
		c.oneStateEach(o)
		c.keyedEvents(o)
		c.checkTimers(o)
		s := o.State()
		if s == nil {
			continue
		}
		if other := keptBy[s]; other != nil {
			c.addDiag(diag.New(diag.StateShared, statePos(o, s), s.GoName, other.Name).
				WithHint("declare a state for %s: records belong to one organ", o.GoName).
				WithRelated(statePos(other, s), "kept here"))
			continue
		}
		keptBy[s] = o
	}
	for _, p := range c.topology.Packages {
		if p.Root && !p.Broken {
			c.uniqueVersions(p)
		}
	}
	c.checkStateAliases()
}

// statePos is where the first handler of an organ takes a state.
func statePos(o *model.Organ, s *model.Event) model.Pos {
	for _, h := range o.Methods() {
		if h.State == s {
			return h.Func.Params[1].Pos
		}
	}
	return o.Pos
}

// oneStateEach reports handlers that take another state than the first one of their organ.
func (c *checker) oneStateEach(o *model.Organ) {
	state := o.State()
	told := map[*model.Func]bool{}
	for _, h := range o.Methods() {
		if h.State == nil || newestOf(h.State) == newestOf(state) || told[h.Func] {
			continue
		}
		told[h.Func] = true
		c.addDiag(diag.New(diag.TwoStates, h.Func.Params[1].Pos, o.Name, state.GoName, h.State.GoName).
			WithHint("%s", oneState).
			WithRelated(statePos(o, state), "%s is taken here", state.GoName))
	}
}

// findsRecord reports whether deliveries of an event have a key. A tick of a schedule has none.
func findsRecord(e *model.Event) bool { return e.Keyed && e.Every == nil }

func whyNoRecord(e *model.Event) string {
	if e.Every != nil {
		return e.Name + " is published by //necro:every, and a tick has no key"
	}
	return e.Name + " has no key"
}

// keyedEvents reports events without a key that are handled with state: there is nothing to find their record by. Of an
// interface handler it tells them all at once.
func (c *checker) keyedEvents(o *model.Organ) {
	told := map[*model.Func]bool{}
	for _, h := range o.Methods() {
		if h.State == nil || findsRecord(h.Event) || told[h.Func] || c.isTimerOnly(o, h.Event) {
			continue
		}
		told[h.Func] = true
		d := diag.New(diag.StateNoKey, h.Func.Params[2].Pos, h.Method, h.Event.Name).
			WithHint("say which field finds the record: //necro:event key=Field; or handle %s without the state", h.Event.GoName)
		for _, other := range o.Handlers {
			if e := other.Event; other.Func == h.Func && !findsRecord(e) && e.Pos.IsValid() {
				d = d.WithRelated(e.Pos, "%s", whyNoRecord(e))
			}
		}
		c.addDiag(d)
	}
}

// uniqueVersions reports two structs of a package that are the same version of a state. An upcast between the two is
// told by itself.
func (c *checker) uniqueVersions(p *model.Package) {
	type version struct {
		name   string
		number int
	}
	first := map[version]*model.Event{}
	for _, s := range p.States {
		id := version{s.Name, s.Version}
		other := first[id]
		switch {
		case other == nil:
			first[id] = s
		case !upcastBetween(s, other):
			c.addDiag(diag.New(diag.DuplicateEvent, s.NamePos, noun(s), s.Name, s.Version).
				WithHint("give one of them another version").
				WithRelated(other.NamePos, "first declared here, by %s", other.GoName))
		}
	}
}

func upcastBetween(a, b *model.Event) bool {
	return a.Upcast != nil && a.Upcast.To == b || b.Upcast != nil && b.Upcast.To == a
}

// checkStateAliases judges the former names of the states of each package: they are names of its lock.
func (c *checker) checkStateAliases() {
	for _, p := range c.topology.Packages {
		var all []aliased
		for _, s := range p.States {
			all = append(all, aliased{"state", s.Name, s.NamePos, s.Directive})
		}
		c.checkAliases(all)
	}
}

// statesOf returns the states that a package and its tests declare.
func (c *checker) statesOf(path string) []*model.Event {
	var states []*model.Event
	for _, p := range c.topology.Packages {
		if p.Path == path {
			states = append(states, p.States...)
		}
	}
	return states
}

func stateOf(p *model.Package, name string) *model.Event {
	i := slices.IndexFunc(p.States, func(s *model.Event) bool { return s.GoName == name })
	if i < 0 {
		return nil
	}
	return p.States[i]
}

// unusedStates reports states that no handler takes, where every package was loaded that could have one. An older version
// is used by its upcast.
func (c *checker) unusedStates() {
	used := map[*model.Event]bool{}
	for _, o := range c.allOrgans() {
		for _, h := range o.Methods() {
			used[h.State] = true
		}
	}
	for _, p := range c.topology.Packages {
		for _, s := range p.States {
			if used[s] || s.Upcast != nil || !p.Root || !p.Closed && ast.IsExported(s.GoName) {
				continue
			}
			c.addDiag(diag.New(diag.StateUnused, s.Pos, s.GoName).
				WithHint("take it in a handler, func (…) Name(ctx context.Context, s *%s, e *Event) error; an older version needs a //necro:upcast", s.GoName))
		}
	}
}
