package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// One mistake gives one message: a type whose directive is misspelt is no event, and everything
// that takes it for one would be reported as well.

// noteRejected notes the types of a package that a directive stands on and that are neither event nor state nor organ nor
// shared for all that.
func (c *checker) noteRejected(p *model.Package) {
	for _, d := range p.Directives {
		if name := d.Target.Name; onType(d) && d.Verb != directive.Codec && codedOf(p, name) == nil && organOf(p, name) == nil {
			c.rejects[p.Path+"."+name] = d
		}
	}
}

func onType(d *model.Directive) bool {
	switch d.Target.Kind {
	case model.TargetMethod, model.TargetFunc:
		return false
	}
	return d.Target.Name != ""
}

// rejectedDirective returns the directive on a type that did not make it an event, a state or an organ, or nil.
func (c *checker) rejectedDirective(p *model.Package, name string) *model.Directive {
	return c.rejects[p.Path+"."+name]
}

// unusedOn says whether a directive that is not used stands at a declaration: in the same line,
// since a detached one is told from its first word.
func unusedOn(p *model.Package, pos model.Pos) bool {
	return slices.ContainsFunc(p.Directives, func(d *model.Directive) bool {
		return isUnused(d) && d.Target.Pos.Filename == pos.Filename && d.Target.Pos.Line == pos.Line
	})
}

func isUnused(d *model.Directive) bool {
	return d.Near || belongs[d.Verb] == "" || !fitsTarget(d.Verb, d.Target.Kind)
}

// unusedOnMethod says whether a directive that is not used stands on a method of the type.
func unusedOnMethod(p *model.Package, typ string) bool {
	for _, pos := range p.Methods[typ] {
		if unusedOn(p, pos) {
			return true
		}
	}
	return false
}

// maybeUpcast says whether a directive that is not used might have been meant as //necro:upcast.
func maybeUpcast(p *model.Package) bool {
	return slices.ContainsFunc(p.Directives, func(d *model.Directive) bool {
		return isUnused(d) && (d.Target.Kind == model.TargetFunc || d.Target.Kind == model.TargetDetached) ||
			d.Verb == directive.Upcast && d.Constraint != ""
	})
}
