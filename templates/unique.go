package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// uniqueCheck asks whether elements, their targets, or one of their fields come twice.
//
//	rules.Unique(v.Tags)
//	rules.UniqueBy(len(v.Legs), func(i int) *string { return &v.Legs[i].Symbol })
func (l *level) uniqueCheck(r *model.Rule, v value) check {
	if r.Param != "" && v.t.Under() != model.Map {
		return l.uniqueBy(r, v)
	}
	fn, list := "Unique", v.at.value()
	switch {
	case v.t.Under() == model.Map && v.t.Elem.Kind == model.Pointer:
		fn = "UniqueTargets"
	case v.t.Under() == model.Map:
		fn = "UniqueValues"
	case v.t.Elem.Kind == model.Pointer:
		fn = "UniquePointers"
	}
	if v.t.Under() == model.Array {
		list = v.at.operand().Index(jen.Op(":"))
	}
	return check{callCondition(jen.Qual(rulesPath, fn).Call(list)), "must not have equal elements"}
}

// uniqueBy compares a field of structs. Elements without a value, because the field or the struct is nil, equal
// each other.
//
//	func(i int) *string {
//		if v.Legs[i] == nil {
//			return nil
//		}
//		return &v.Legs[i].Symbol
//	}
func (l *level) uniqueBy(r *model.Rule, v value) check {
	i := v.at.variable("i")
	elem, none := followPointers(v.t.Elem, v.at.elem(i))
	ref := l.g.findField(elem, r.Param)
	typ := l.g.goType(ref.t)
	if typ == nil {
		l.g.keepError("%s can't name %s", l.g.pkg.Name, ref.t.Desc)
		return check{holds: certain}
	}
	body := ifElse(anyOf(none, ref.missing()), codeLines(jen.Return(jen.Nil())), nil)
	body = append(body, codeLines(jen.Return(ref.at.address()))...)
	key := jen.Func().Params(jen.Id(i).Int()).Op("*").Add(typ).Block(body.code()...)
	return check{
		callCondition(jen.Qual(rulesPath, "UniqueBy").Call(jen.Len(v.at.value()), key)),
		"must not have elements with equal " + ref.wire,
	}
}
