package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/rule"
	"github.com/necrostack/necrogen/internal/spec"
)

// there is the condition under which the rules behind omitempty, omitnil or omitzero count.
func (l *level) there(r *spec.Rule, v value) condition {
	x := v.at.value()
	collects := rule.Of(v.t)&(rule.Bytes|rule.Map) != 0 || v.t.Under() == spec.Slice
	switch {
	case r.Name == "omitempty":
		return l.present(v)
	case r.Name == "omitzero" && collects:
		return compared(jen.Len(x), "!=", jen.Lit(0))
	case r.Name == "omitzero":
		return l.zero(v).not()
	case collects:
		return isNil(x).not()
	}
	return certain
}

// present is the condition under which the reference takes a value for set: required wants
// it, omitempty goes on with it. A slice or map is set when it is not nil, also when it is
// empty; what a pointer points to is set.
func (l *level) present(v value) condition {
	switch {
	case v.t.Under() == spec.Slice || v.t.Under() == spec.Map:
		return isNil(v.at.value()).not()
	case v.pointed:
		return certain
	}
	return l.zero(v).not()
}

// zero is the condition under which a value that is no slice, map or pointer has its zero value.
func (l *level) zero(v value) condition {
	x := v.at.value()
	switch v.t.Under() {
	case spec.Bool:
		return asks(converted(v.t, "bool", x)).not()
	case spec.String:
		return compared(x, "==", jen.Lit(""))
	case spec.Struct, spec.Array:
		return l.zeroStruct(v)
	}
	return compared(x, "==", jen.Lit(0))
}

func (l *level) zeroStruct(v value) condition {
	name := l.g.goType(v.t)
	switch {
	case v.t.Kind == spec.Time:
		return asks(jen.Qual(rulesPath, "IsZeroTime").Call(v.at.value()))
	case !v.t.Comparable || name == nil:
		return asks(jen.Qual(rulesPath, "IsZero").Call(v.at.address()))
	}
	return compared(v.at.value(), "==", jen.Parens(name.Values()))
}
