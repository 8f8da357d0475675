package check

import (
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// checkHandlers judges the signatures of the handlers of a package.
func (c *checker) checkHandlers(p *model.Package) {
	for _, f := range p.Funcs {
		isHandler := f.Directive.Verb == directive.Handle || f.Directive.Verb == directive.GiveUp
		if !isHandler || f.Directive.Target.Kind != model.TargetMethod {
			continue
		}
		o := organOf(p, f.Recv)
		if o == nil {
			c.notAnOrgan(p, f)
			continue
		}
		if c.handlerInput(p, o, f) && !takesBatch(f) {
			for _, param := range f.Params[min(c.emissionsAt(f), len(f.Params)):] {
				c.handlerParam(p, f, param)
			}
		}
		c.handlerResults(p, f)
		c.handlerEnds(f)
	}
}

func organOf(p *model.Package, name string) *model.Organ {
	i := slices.IndexFunc(p.Organs, func(o *model.Organ) bool { return o.GoName == name })
	if i < 0 {
		return nil
	}
	return p.Organs[i]
}

// notAnOrgan reports a handler whose receiver is not marked, or is marked elsewhere.
func (c *checker) notAnOrgan(p *model.Package, f *model.Func) {
	if p.Test {
		for _, other := range c.topology.Packages {
			if o := organOf(other, f.Recv); o != nil && other.Path == p.Path && !other.Test {
				c.addDiag(diag.New(diag.MixedOwner, f.Pos, f.Name, f.Recv).
					WithHint("declare both in test files, or neither").
					WithRelated(o.Pos, "the organ"))
				return
			}
		}
	}
	if f.Recv == "" {
		c.addDiag(diag.New(diag.TypeError, f.Pos, f.Name, "it has no receiver").
			WithHint("write func (o *Organ) %s(…)", f.Name))
		return
	}
	if c.rejectedDirective(p, f.Recv) != nil {
		return
	}
	out := diag.New(diag.NotAnOrgan, f.Pos, f.Name, f.Recv)
	pos, declared := p.Names[f.Recv]
	near := spelling.Nearest(f.Recv, organNames(p))
	switch {
	case declared && eventOf(p, f.Recv) != nil:
		out = out.WithHint("an event has no handlers: put it on a method of an organ")
	case declared:
		out = out.WithHint("mark %s with //necro:organ", f.Recv)
	case near != "":
		out = out.WithHint("did you mean %s?", near)
	default:
		out = out.WithHint("declare %s and mark it with //necro:organ", f.Recv)
	}
	if declared {
		out = out.WithRelated(pos, "%s is declared here", f.Recv)
	}
	c.addDiag(out)
}

func organNames(p *model.Package) []string {
	var names []string
	for _, o := range p.Organs {
		names = append(names, o.GoName)
	}
	return names
}

// handlerInput judges the first parameters, context, state and event, and says whether those that
// follow can be judged by their places.
func (c *checker) handlerInput(p *model.Package, o *model.Organ, f *model.Func) bool {
	switch {
	case f.Variadic:
		c.addDiag(diag.New(diag.HandlerVariadic, f.Params[len(f.Params)-1].Pos, f.Name).WithHint("take one event; write the last parameter without ..."))
		return false
	case len(f.Params) == 0 || f.Params[0].Role != model.RoleContext:
		c.noContext(f)
		return false
	case len(f.Params) == 1:
		c.addDiag(diag.New(diag.HandlerEvent, f.Pos, "second", f.Name, "nothing").
			WithHint("write func (…) %s(ctx context.Context, e Event) error", f.Name))
		return false
	case !inOrder(f):
		in := f.Params[1]
		c.addDiag(diag.New(diag.HandlerEvent, in.Pos, "second", f.Name, in.Desc).
			WithHint("the order is %s: %s%s", orderText(f), f.Name, inItsOrder(f)))
		return false
	}
	at := f.EventAt()
	switch {
	case at == 2:
		c.handlerState(f, f.Params[1])
	case c.stateInFront(p, f):
		return false
	}
	switch {
	case len(f.Params) == at:
		c.addDiag(diag.New(diag.HandlerEvent, f.Pos, "third", f.Name, "nothing").
			WithHint("write func (…) %s(ctx context.Context, s %s, e Event) error", f.Name, f.Params[1].Desc))
		return false
	case f.Params[at].Role == model.RoleState:
		c.addDiag(diag.New(diag.TwoStates, f.Params[at].Pos, o.Name, f.Params[1].State.GoName, f.Params[at].State.GoName).
			WithHint("%s", oneState))
		return false
	}
	c.handlerEvent(p, o, f, f.Params[at])
	return true
}

// handlerEvent judges what the handler handles.
func (c *checker) handlerEvent(p *model.Package, o *model.Organ, f *model.Func, in *model.Param) {
	if f.Directive.Verb == directive.GiveUp && c.giveUpEvent(f, in) {
		return
	}
	switch in.Role {
	case model.RoleEvent:
		c.onlyNewest(in)
	case model.RoleInterface:
		c.someEvent(p, o, f, in)
	case model.RoleBatch:
		c.batchHandler(o, f, in)
	case model.RoleInvalid:
		c.addInvalidType(p, f, in)
	default:
		place := []string{"second", "third"}[f.EventAt()-1]
		out := diag.New(diag.HandlerEvent, in.Pos, place, f.Name, in.Desc)
		if in.Role == model.RoleEmit || in.Role == model.RoleOut || in.Role == model.RoleTimer || in.Role == model.RoleUndo {
			c.addDiag(out.WithHint("the event comes %s, emissions after it", place))
			return
		}
		c.notAnEvent(p, out.WithHint("events are structs marked with //necro:event"), in)
	}
}

// notAnEvent reports a type that is none, unless its directive was reported already.
func (c *checker) notAnEvent(p *model.Package, out diag.Diagnostic, in *model.Param) {
	if !c.isToldElsewhere(p, in.Desc) {
		c.addDiag(c.noEvent(p, out, in.Desc))
	}
}

// addInvalidType reports a type that does not type-check, with the event that it was meant for.
func (c *checker) addInvalidType(p *model.Package, f *model.Func, in *model.Param) {
	if c.isToldElsewhere(p, in.Desc) {
		return
	}
	out := diag.New(diag.TypeError, in.Pos, "handler "+f.Name, in.Problem)
	near := c.nearEvent(p, in.Desc)
	switch {
	case strings.HasPrefix(in.Problem, "undefined: ") && near != "":
		out = out.WithHint("did you mean %s?", near)
	case strings.HasPrefix(in.Problem, "undefined: "):
		out = out.WithHint("declare it, or import its package")
	default:
		out = out.WithHint("%s", typeErrorHint(in.Problem))
	}
	c.addDiag(out)
}

// someEvent reports an interface handler that would never be called.
func (c *checker) someEvent(p *model.Package, o *model.Organ, f *model.Func, in *model.Param) {
	if slices.ContainsFunc(o.Handlers, func(h *model.Handler) bool { return h.Func == f }) {
		return
	}
	why := "none of this package and its imports implements " + in.Desc
	if f.Covered {
		why = "all that implement " + in.Desc + " have handlers of their own"
	}
	out := diag.New(diag.EmptyInterface, in.Pos, f.Name, why).
		WithHint("an interface handler takes the events of its own package and of the packages that it imports")
	if pos, ok := p.Names[referenceOf(in.Desc).name]; ok && referenceOf(in.Desc).pkg == "" {
		out = out.WithRelated(pos, "%s is declared here", in.Desc)
	}
	c.addDiag(out)
}

// onlyNewest reports a version that is only read, and upcast before anyone sees it.
func (c *checker) onlyNewest(p *model.Param) {
	if p.State != nil {
		c.newestState(p)
		return
	}
	if p.Event == nil || p.Event.Foreign {
		return
	}
	if newest := c.newestVersion(p.Event.Name); newest != nil && newest.Version > p.Event.Version {
		c.addDiag(diag.New(diag.OldVersion, p.Pos, p.Event.GoName, p.Event.Version, p.Event.Name, newest.Version).
			WithHint("use %s: older ones are upcast to it", newest.GoName).
			WithRelated(newest.Pos, "the newest version"))
	}
}
