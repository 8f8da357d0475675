package check

import (
	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/directive"
	"github.com/necrostack/necrogen/internal/spec"
)

// upcasts judges the chain of versions: each older one has one function that turns it into
// the next.
func (c *checker) upcasts(p *spec.Package) {
	first := map[*spec.Event]*spec.Func{}
	for _, f := range p.Funcs {
		if f.Directive.Verb == directive.Upcast && f.Directive.Target.Kind == spec.TargetFunc {
			c.upcast(p, f, first)
		}
	}
	for _, e := range p.Events {
		if next := c.next(e); next != nil && e.Upcast == nil {
			c.add(diag.New(diag.MissingUpcast, e.Pos, e.Name, e.Version, next.Version).
				WithHint("write //necro:upcast func(%s) (%s, error)", e.GoName, next.GoName).
				WithRelated(next.Pos, "the next version"))
		}
	}
}

// upcast judges one function.
func (c *checker) upcast(p *spec.Package, f *spec.Func, first map[*spec.Event]*spec.Func) {
	if !upcastShape(f) || f.Params[0].Event.Path != p.Path {
		c.add(diag.New(diag.BadUpcast, f.Pos, f.Name).WithHint("it stands in the package of the old version"))
		return
	}
	from, to := f.Params[0].Event, f.Results[0].Event
	next := c.next(from)
	switch other := first[from]; {
	case other != nil:
		c.add(diag.New(diag.TwoUpcasts, f.Pos, from.Name, from.Version).WithRelated(other.Pos, "the first one"))
	case from.Name != to.Name || next != to:
		out := diag.New(diag.UpcastStep, f.Pos, f.Name, from.Version, from.Name, to.Version)
		if from.Name != to.Name {
			out = out.WithHint("%s is %s: both must have one name", to.GoName, to.Name)
		} else if next != nil {
			out = out.WithHint("the next version is %d, %s", next.Version, next.GoName)
		} else {
			out = out.WithHint("%s is the newest version", from.GoName)
		}
		c.add(out)
	default:
		first[from] = f
	}
}

// upcastShape says whether a function is func(Old) (New, error), with events by value.
func upcastShape(f *spec.Func) bool {
	if f.Generic || f.Variadic || len(f.Params) != 1 || len(f.Results) != 2 {
		return false
	}
	from, to, err := f.Params[0], f.Results[0], f.Results[1]
	return byValue(from) && byValue(to) && err.Role == spec.RoleError
}

func byValue(p *spec.Param) bool {
	return p.Role == spec.RoleEvent && p.Event != nil && !p.Pointer && !p.Slice
}

// next returns the version after that of e, or nil.
func (c *checker) next(e *spec.Event) *spec.Event {
	for _, v := range c.versions(e.Name) {
		if v.Version > e.Version {
			return v
		}
	}
	return nil
}
