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

// eqField compares with another field of the struct: of the same kind, or it is always
// broken. Slices, arrays and maps are compared by length, as the reference does.
func (l *level) eqField(r *spec.Rule, t *spec.Type, at place) check {
	c := check{message: "must equal " + r.Param}
	if r.Field == nil {
		return c
	}
	c.message = "must equal " + fieldPath(r.Field)
	other := receiver().field([]string{r.Param})
	ot, missing := r.Field.Type, (*jen.Statement)(nil)
	for ; ot.Kind == spec.Pointer; ot = ot.Elem {
		isNil := other.value().Op("==").Nil()
		if missing == nil {
			missing = isNil
		} else {
			missing.Op("||").Add(isNil)
		}
		other = other.deref()
	}
	if reflectKind(ot) != reflectKind(t) {
		return c
	}
	differs := l.differs(t, at, ot, other)
	switch {
	case differs == nil && missing == nil:
		c.never = true
	case differs == nil:
		c.broken = missing
	case missing == nil:
		c.broken = differs
	default:
		c.broken = missing.Op("||").Add(differs)
	}
	return c
}

// differs compares two values of one kind; nil says that the reference takes them for equal.
func (l *level) differs(t *spec.Type, at place, ot *spec.Type, other place) *jen.Statement {
	switch t.Kind {
	case spec.Slice, spec.Map, spec.Bytes, spec.Array:
		return jen.Len(at.value()).Op("!=").Len(other.value())
	case spec.Time:
		return jen.Op("!").Add(at.operand()).Dot("Equal").Call(other.value())
	case spec.Struct:
		if typeKey(t) == typeKey(ot) {
			return nil
		}
		return jen.True()
	}
	if t.Path == ot.Path && t.Name == ot.Name {
		return at.value().Op("!=").Add(other.value())
	}
	name := basic[reflectKind(t)].goName
	return converted(t, name, at.value()).Op("!=").Add(converted(ot, name, other.value()))
}

// reflectKind is the kind as package reflect has it: a duration is an int64, a time a struct.
func reflectKind(t *spec.Type) spec.Kind {
	switch t.Kind {
	case spec.Duration:
		return spec.Int64
	case spec.Bytes:
		return spec.Slice
	case spec.Time:
		return spec.Struct
	}
	return t.Kind
}
