package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// checkUpcasts judges the chain of versions: each older one has one function that turns it into
// the next.
func (c *checker) checkUpcasts(p *model.Package) {
	first := map[*model.Event]*model.Func{}
	wrong := maybeUpcast(p)
	for _, f := range p.Funcs {
		if f.Directive.Verb == directive.Upcast && f.Directive.Target.Kind == model.TargetFunc {
			wrong = !c.checkUpcast(p, f, first) || wrong
		}
	}
	for _, e := range p.Coded() {
		// A function that is wrong may be the one that is missing.
		if next := c.nextVersion(e); next != nil && e.Upcast == nil && !wrong {
			c.addDiag(diag.New(diag.MissingUpcast, e.Pos, noun(e), e.Name, e.Version, next.Version).
				WithHint("write //necro:upcast func(%s) (%s, error)", e.GoName, next.GoName).
				WithRelated(next.Pos, "the next version"))
		}
	}
}

// checkUpcast judges one function, and says whether it turns one event into another.
func (c *checker) checkUpcast(p *model.Package, f *model.Func, first map[*model.Event]*model.Func) bool {
	if !upcastShape(f) {
		c.badUpcast(p, f)
		return false
	}
	from, to := f.Params[0].Coded(), f.Results[0].Coded()
	next := c.nextVersion(from)
	switch other := first[from]; {
	case from.Path != p.Path:
		c.addDiag(diag.New(diag.BadUpcast, f.Pos, f.Name).
			WithHint("it stands in the package of the old version, %s", from.Path).
			WithRelated(from.Pos, "the old version"))
	case other != nil:
		c.addDiag(diag.New(diag.TwoUpcasts, f.Pos, noun(from), from.Name, from.Version).
			WithHint("remove one of the two").
			WithRelated(other.Pos, "the first one"))
	case from.State != to.State || from.Name != to.Name || next != to:
		c.upcastStep(f, from, to, next)
	default:
		first[from] = f
	}
	return true
}

func (c *checker) badUpcast(p *model.Package, f *model.Func) {
	for _, param := range slices.Concat(f.Params, f.Results) {
		if c.isToldElsewhere(p, param.Desc) {
			return
		}
	}
	out := diag.New(diag.BadUpcast, f.Pos, f.Name).WithHint("write func %s(old Old) (New, error), without pointers", f.Name)
	for _, param := range slices.Concat(f.Params, f.Results) {
		if param.Role == model.RoleInvalid {
			out = diag.New(diag.TypeError, param.Pos, f.Name, param.Problem).WithHint("%s", typeErrorHint(param.Problem))
			if near := c.nearEvent(p, param.Desc); near != "" {
				out = out.WithHint("did you mean %s?", near)
			}
			break
		}
	}
	c.addDiag(out)
}

func (c *checker) upcastStep(f *model.Func, from, to, next *model.Event) {
	out := diag.New(diag.UpcastStep, f.Pos, f.Name, from.Version, from.Name, to.Version)
	switch {
	case from.State != to.State:
		out = out.WithHint("%s is %s: both must be versions of one", to.GoName, nounWithArticle(to)).WithRelated(to.Pos, "declared here")
	case from.State && from.Version == to.Version:
		out = out.WithHint("say that %s is newer: //necro:state version=%d", to.GoName, from.Version+1).WithRelated(to.Pos, "declared here")
	case from.Name != to.Name:
		out = out.WithHint("%s is %s: both must have one name", to.GoName, to.Name).WithRelated(to.NamePos, "named here")
	case next != nil:
		out = out.WithHint("the next version is %d, %s", next.Version, next.GoName).WithRelated(next.Pos, "the next version")
	default:
		out = out.WithHint("%s is the newest version", from.GoName).WithRelated(from.Pos, "the newest version")
	}
	c.addDiag(out)
}

// upcastShape says whether a function is func(Old) (New, error), with events or states by value.
func upcastShape(f *model.Func) bool {
	if f.Generic || f.Variadic || len(f.Params) != 1 || len(f.Results) != 2 {
		return false
	}
	from, to, err := f.Params[0], f.Results[0], f.Results[1]
	return byValue(from) && byValue(to) && err.Role == model.RoleError
}

func byValue(p *model.Param) bool {
	return (p.Role == model.RoleEvent || p.Role == model.RoleState) && p.Coded() != nil && !p.Pointer && !p.Slice
}

// nextVersion returns the version after that of e, or nil.
func (c *checker) nextVersion(e *model.Event) *model.Event {
	for _, v := range c.versionsOf(e) {
		if v.Version > e.Version {
			return v
		}
	}
	return nil
}
