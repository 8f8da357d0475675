package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/directive"
	"github.com/necrostack/necrogen/internal/spec"
)

// handlers judges the signatures of the handlers of a package.
func (c *checker) handlers(p *spec.Package) {
	for _, f := range p.Funcs {
		if f.Directive.Verb != directive.Handle || f.Directive.Target.Kind != spec.TargetMethod {
			continue
		}
		o := organOf(p, f.Recv)
		if o == nil {
			c.notAnOrgan(p, f)
			continue
		}
		c.handlerInput(o, f)
		for _, param := range f.Params[min(2, len(f.Params)):] {
			c.handlerParam(f, param)
		}
		c.handlerResults(f)
	}
}

func organOf(p *spec.Package, name string) *spec.Organ {
	i := slices.IndexFunc(p.Organs, func(o *spec.Organ) bool { return o.GoName == name })
	if i < 0 {
		return nil
	}
	return p.Organs[i]
}

// notAnOrgan reports a handler whose receiver is not marked, or is marked elsewhere.
func (c *checker) notAnOrgan(p *spec.Package, f *spec.Func) {
	if p.Test {
		for _, other := range c.topology.Packages {
			if o := organOf(other, f.Recv); o != nil && other.Path == p.Path && !other.Test {
				c.add(diag.New(diag.MixedOwner, f.Pos, f.Name, f.Recv).
					WithHint("declare both in test files, or neither").
					WithRelated(o.Pos, "the organ"))
				return
			}
		}
	}
	if f.Recv == "" {
		c.add(diag.New(diag.TypeError, f.Pos, f.Name, "it has no receiver"))
		return
	}
	c.add(diag.New(diag.NotAnOrgan, f.Pos, f.Name, f.Recv).WithHint("mark %s with //necro:organ", f.Recv))
}

// handlerInput judges the first two parameters: context and event.
func (c *checker) handlerInput(o *spec.Organ, f *spec.Func) {
	if f.Variadic {
		c.add(diag.New(diag.HandlerVariadic, f.Pos, f.Name))
		return
	}
	if len(f.Params) == 0 || f.Params[0].Role != spec.RoleContext {
		pos := f.Pos
		if len(f.Params) > 0 {
			pos = f.Params[0].Pos
		}
		c.add(diag.New(diag.HandlerContext, pos, f.Name).
			WithHint("write func (…) %s(ctx context.Context, e Event) error", f.Name))
		return
	}
	if len(f.Params) < 2 {
		c.add(diag.New(diag.HandlerEvent, f.Pos, f.Name, "nothing").
			WithHint("it says what the handler handles"))
		return
	}
	c.handlerEvent(o, f, f.Params[1])
}

// handlerEvent judges what the handler handles.
func (c *checker) handlerEvent(o *spec.Organ, f *spec.Func, in *spec.Param) {
	switch in.Role {
	case spec.RoleEvent:
		c.onlyNewest(in)
	case spec.RoleInterface:
		c.someEvent(o, f, in)
	case spec.RoleBatch:
		c.add(diag.New(diag.BatchReserved, in.Pos, f.Name, in.Desc).WithHint("take one event: %s", in.Event.GoName))
	case spec.RoleInvalid:
		c.add(diag.New(diag.TypeError, in.Pos, in.Desc, in.Problem))
	default:
		c.add(diag.New(diag.HandlerEvent, in.Pos, f.Name, in.Desc).WithHint("%s", eventHint(in)))
	}
}

// eventHint says how a type might become an event.
func eventHint(in *spec.Param) string {
	if in.Role == spec.RoleEmit || in.Role == spec.RoleOut {
		return "emissions come after the event"
	}
	return "mark the type with //necro:event"
}

// someEvent reports an interface handler that would never be called.
func (c *checker) someEvent(o *spec.Organ, f *spec.Func, in *spec.Param) {
	if !slices.ContainsFunc(o.Handlers, func(h *spec.Handler) bool { return h.Func == f }) {
		c.add(diag.New(diag.EmptyInterface, in.Pos, f.Name, in.Desc).
			WithHint("an interface handler takes the events of its own package and of the packages that it imports"))
	}
}

// handlerParam judges a parameter after the event.
func (c *checker) handlerParam(f *spec.Func, p *spec.Param) {
	switch {
	case p.Role == spec.RoleEmit && p.Pointer && p.Event != nil:
		c.add(diag.New(diag.EmitPointer, p.Pos, p.Desc).WithHint("write necro.Emit[%s]", p.Event.GoName))
	case p.Role == spec.RoleEmit && p.Event == nil:
		c.add(diag.New(diag.EmitNotEvent, p.Pos, f.Name, p.Desc).WithHint("mark the type with //necro:event"))
	case p.Role == spec.RoleEmit:
		c.onlyNewest(p)
	case p.Role == spec.RoleOut:
		c.add(diag.New(diag.OutReserved, p.Pos, p.Desc).WithHint("use necro.Emit"))
	case p.Role == spec.RoleInvalid:
		c.add(diag.New(diag.TypeError, p.Pos, p.Desc, p.Problem))
	default:
		c.add(diag.New(diag.HandlerParam, p.Pos, f.Name, p.Desc).
			WithHint("a handler has one event; what else it needs is a field of its organ"))
	}
}

// handlerResults judges what the handler returns.
func (c *checker) handlerResults(f *spec.Func) {
	for i, r := range f.Results {
		switch r.Role {
		case spec.RoleEvent:
			c.onlyNewest(r)
		case spec.RoleError:
			if i != len(f.Results)-1 {
				c.add(diag.New(diag.ErrorNotLast, r.Pos, f.Name))
			}
		case spec.RoleOut:
			c.add(diag.New(diag.OutReserved, r.Pos, r.Desc).WithHint("return the event itself"))
		case spec.RoleInvalid:
			c.add(diag.New(diag.TypeError, r.Pos, r.Desc, r.Problem))
		default:
			c.add(diag.New(diag.HandlerResult, r.Pos, f.Name, r.Desc).
				WithHint("a handler returns events, as E, *E, []E or []*E, and an error"))
		}
	}
}

// onlyNewest reports a version that is only read, and upcast before anyone sees it.
func (c *checker) onlyNewest(p *spec.Param) {
	if p.Event == nil || p.Event.Foreign {
		return
	}
	if newest := c.newest(p.Event.Name); newest != nil && newest.Version > p.Event.Version {
		c.add(diag.New(diag.OldVersion, p.Pos, p.Event.GoName, p.Event.Version, p.Event.Name, newest.Version).
			WithHint("use %s: older ones are upcast to it", newest.GoName).
			WithRelated(newest.Pos, "the newest version"))
	}
}
