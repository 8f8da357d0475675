package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// check is one rule on one value: the condition under which it is broken, and what the
// value must be.
type check struct {
	broken  *jen.Statement // nil when it is always broken
	never   bool           // it can't be broken
	message string
}

// rule turns a rule into a check.
func (l *level) rule(r *spec.Rule, t *spec.Type, at place, pointed bool) check {
	switch r.Name {
	case "required":
		return l.required(t, at, pointed)
	case "min", "gte":
		return l.bound(r, t, at, ">=")
	case "max", "lte":
		return l.bound(r, t, at, "<=")
	case "gt":
		return l.bound(r, t, at, ">")
	case "lt":
		return l.bound(r, t, at, "<")
	case "len":
		return l.bound(r, t, at, "==")
	case "oneof":
		return l.oneOf(r, t, at)
	case "eqfield":
		return l.eqField(r, t, at)
	}
	if p, ok := predicates[r.Name]; ok && t.Kind == spec.String {
		broken := jen.Op("!").Qual(rulesPath, p.fn).Call(converted(t, "string", at.value()))
		return check{broken: broken, message: p.message}
	}
	l.g.fail("the rule %s is not supported on %s", r.Name, t.Desc)
	return check{never: true}
}

// predicates are the rules that a function of package rules decides.
var predicates = map[string]struct{ fn, message string }{
	"email": {"Email", "must be an email address"},
	"url":   {"URL", "must be a URL"},
	"uuid":  {"UUID", "must be a UUID"},
}

func (l *level) required(t *spec.Type, at place, pointed bool) check {
	c := check{message: "is required"}
	switch {
	case t.Kind == spec.Slice || t.Kind == spec.Map || t.Kind == spec.Bytes:
		c.broken = at.value().Op("==").Nil()
	case pointed:
		c.never = true
	default:
		c.broken = l.g.absent(t, at).holds()
	}
	return c
}
