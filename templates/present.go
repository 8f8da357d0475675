package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// isThere is the condition under which the rules behind omitempty, omitnil or omitzero count.
func (l *level) isThere(r *model.Rule, v value) condition {
	x := v.at.value()
	collects := rule.Of(v.t)&(rule.Bytes|rule.Map) != 0 || v.t.Under() == model.Slice
	switch {
	case r.Name == "omitempty":
		return l.isPresent(v)
	case r.Name == "omitzero" && collects:
		return comparison(jen.Len(x), "!=", jen.Lit(0))
	case r.Name == "omitzero":
		return l.isZero(v).not()
	case collects:
		return isNil(x).not()
	}
	return certain
}

// isPresent is the condition under which the reference takes a value for set: required wants
// it, omitempty goes on with it. A slice or map is set when it is not nil, also when it is
// empty; what a pointer points to is set.
func (l *level) isPresent(v value) condition {
	switch {
	case v.t.Under() == model.Slice || v.t.Under() == model.Map:
		return isNil(v.at.value()).not()
	case v.pointed:
		return certain
	}
	return l.isZero(v).not()
}

// isZero is the condition under which a value that is no slice, map or pointer has its zero value.
func (l *level) isZero(v value) condition {
	x := v.at.value()
	switch v.t.Under() {
	case model.Bool:
		return callCondition(convertTo(v.t, "bool", x)).not()
	case model.String:
		return comparison(x, "==", jen.Lit(""))
	case model.Struct, model.Array:
		return l.zeroStruct(v)
	}
	return comparison(x, "==", jen.Lit(0))
}

func (l *level) zeroStruct(v value) condition {
	name := l.g.goType(v.t)
	switch {
	case v.t.Kind == model.Time:
		return callCondition(jen.Qual(rulesPath, "IsZeroTime").Call(v.at.value()))
	case !v.t.Comparable || name == nil:
		return callCondition(jen.Qual(rulesPath, "IsZero").Call(v.at.address()))
	}
	return comparison(v.at.value(), "==", jen.Parens(name.Values()))
}
