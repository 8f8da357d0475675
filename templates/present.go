package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// present is the condition under which the reference takes a value for set: required wants
// it, omitempty goes on with it. It is nil when that is always so. A slice or map is set
// when it is not nil, also when it is empty; what a pointer points to is set.
func (g *generator) present(t *spec.Type, at place, pointed bool) *jen.Statement {
	switch {
	case t.Kind == spec.Slice || t.Kind == spec.Map || t.Kind == spec.Bytes:
		return at.value().Op("!=").Nil()
	case pointed:
		return nil
	}
	return negate(g.absent(t, at))
}

// absent is the condition under which a value that is no slice, map or pointer has its zero value.
func (g *generator) absent(t *spec.Type, at place) condition {
	switch t.Kind {
	case spec.Bool:
		return condition{no: at.value()}
	case spec.String:
		return condition{yes: at.value().Op("==").Lit(""), no: at.value().Op("!=").Lit("")}
	case spec.Time:
		return condition{yes: jen.Qual(rulesPath, "IsZeroTime").Call(at.value())}
	case spec.Struct, spec.Array:
		if !t.Comparable {
			return condition{yes: jen.Qual(rulesPath, "IsZero").Call(at.address())}
		}
		empty := jen.Parens(jen.Add(g.goType(t)).Values())
		return condition{yes: at.value().Op("==").Add(empty), no: at.value().Op("!=").Add(empty)}
	}
	return condition{yes: at.value().Op("==").Lit(0), no: at.value().Op("!=").Lit(0)}
}

// condition is a condition with its opposite; the one that is nil is made with "!".
type condition struct{ yes, no *jen.Statement }

func (c condition) holds() *jen.Statement {
	if c.yes == nil {
		return jen.Op("!").Add(c.no)
	}
	return c.yes
}

func negate(c condition) *jen.Statement {
	if c.no == nil {
		return jen.Op("!").Add(c.yes)
	}
	return c.no
}
