package templates

import (
	"regexp"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// validateInside validates what a value holds: its elements after dive, the fields of a struct.
func (l *level) validateInside(v value, r *model.Rules) statements {
	switch {
	case r != nil && r.Dive != nil:
		return l.diveElements(v, r.Dive)
	case rule.Of(v.t)&rule.Struct != 0 && !l.key && l.g.entersStruct(v.t):
		return l.enterStruct(v)
	}
	return nil
}

// enterStruct appends the violations of a nested struct under its path.
//
//	vs.Under("leg", v.Leg.necroValidate())
//
// Those of an inlined one stand on the same level: vs.Under("", v.Base.necroValidate()).
// In a loop the path is made only when there are any.
//
//	if inner := v.Legs[i].necroValidate(); inner != nil {
//		vs.Under(rules.Index("legs", i), inner)
//	}
func (l *level) enterStruct(v value) statements {
	var call *jen.Statement
	switch o := l.g.objectEntry(v.t); {
	case l.g.foreignEvent(v.t):
		call = contract("ViolationsOf").Call(v.at.get().Dot("Validate").Call())
	case o.loops:
		return l.enterLoop(o, v.at)
	default:
		call = o.call("Validate", v.at)
	}
	under := func(inner jen.Code) *jen.Statement {
		return jen.Id("vs").Dot("Under").Call(l.pathOf(), inner)
	}
	if !l.looped {
		return codeLines(under(call))
	}
	inner := jen.Id("inner")
	return statements{{init: inner.Clone().Op(":=").Add(call), cond: isNil(inner).not(), then: codeLines(under(inner))}}
}

// pathOf is the path of what a struct holds.
func (l *level) pathOf() *jen.Statement {
	if l.inline {
		return jen.Lit("")
	}
	return l.path.Clone()
}

// enterLoop enters a struct that may stand in itself, and ends when that has no end.
//
//	if vs.Enter("next", v.Next.necroValidate(depth+1)) {
//		return vs
//	}
func (l *level) enterLoop(o *object, at place) statements {
	depth := jen.Lit(0)
	if l.g.current.loops {
		depth = jen.Id("depth").Op("+").Lit(1)
	}
	call, inner := o.call("Validate", at, depth), jen.Id("inner")
	enter := func(inner jen.Code) *jen.Statement {
		return jen.Id("vs").Dot("Enter").Call(l.pathOf(), inner)
	}
	end := jen.Return(jen.Id("vs"))
	if !l.looped {
		return codeLines(jen.If(enter(call)).Block(end))
	}
	there := inner.Clone().Op("!=").Nil().Op("&&").Add(enter(inner))
	return codeLines(jen.If(inner.Clone().Op(":=").Add(call), there).Block(end))
}

func (l *level) diveElements(v value, r *model.Rules) statements {
	switch kind := rule.Of(v.t); {
	case kind&(rule.List|rule.Bytes) != 0:
		return l.diveElems(v, r)
	case kind&rule.Map != 0:
		return l.diveMap(v, r)
	}
	l.g.keepError("dive into %s is not supported", v.t.Desc)
	return nil
}

// elementLevel returns the level of an element, under rules.Index("legs", i).
func (l *level) elementLevel(fn string, index *jen.Statement) *level {
	inner := *l
	inner.path, inner.looped, inner.inline = jen.Qual(rulesPath, fn).Call(l.path.Clone(), index), true, false
	return &inner
}

// diveElems validates every element.
//
//	for i := range v.Tags {
//		if v.Tags[i] == "" {
//			vs.Add(rules.Index("tags", i), "required", "", "is required")
//		}
//	}
func (l *level) diveElems(v value, r *model.Rules) statements {
	i, elem := v.at.variable("i"), v.t.Elem
	if elem == nil {
		elem = &model.Type{Kind: model.Uint8, Name: "uint8", Desc: "uint8"}
	}
	body := l.elementLevel("Index", jen.Id(i)).validateValue(elem, v.at.elem(i), r)
	if len(body) == 0 {
		return nil
	}
	return codeLines(jen.For(jen.Id(i).Op(":=").Range().Add(v.at.value())).Block(body.code()...))
}

// mentionsVariable says whether the code uses a variable. A rule that nothing can keep does not look at
// the value.
func (s statements) mentionsVariable(name string) bool {
	return len(s) > 0 && regexp.MustCompile(`\b`+name+`\b`).MatchString(jen.Block(s.code()...).GoString())
}

// diveMap validates every key and value. A map has no order, so its violations are sorted.
//
//	start := len(vs)
//	for k, x := range v.Stock {
//		if x < 1 {
//			vs.Add(rules.Key("stock", k), "min", "1", "must be at least 1")
//		}
//	}
//	vs.Sort(start)
func (l *level) diveMap(v value, r *model.Rules) statements {
	k, x := v.at.variable("k"), v.at.variable("x")
	inner := l.elementLevel("Key", jen.Id(k))
	loop := jen.List(jen.Id(k), jen.Id(x))
	var values statements
	if !keysOnly(v.t, r) {
		values = inner.validateValue(v.t.Elem, v.at.local(x), r)
	}
	if !values.mentionsVariable(x) {
		loop = jen.Id(k)
	}
	body := append(inner.validateKeys(v.t.Key, v.at.local(k), r.Keys), values...)
	if len(body) == 0 {
		return nil
	}
	start := l.mapMark()
	return codeLines(
		jen.Id(start).Op(":=").Len(jen.Id("vs")),
		jen.For(loop.Op(":=").Range().Add(v.at.value())).Block(body.code()...),
		jen.Id("vs").Dot("Sort").Call(jen.Id(start)),
	)
}

// validateKeys validates the keys of a map.
func (l *level) validateKeys(t *model.Type, at place, r *model.Rules) statements {
	if r == nil {
		return nil
	}
	inner := *l
	inner.key = true
	return inner.validateValue(t, at, r)
}

// keysOnly reports whether the reference leaves the values alone: without rules behind endkeys it
// enters structs and pointers to them, but not pointers to pointers.
func keysOnly(t *model.Type, r *model.Rules) bool {
	return r.Keys != nil && len(r.List) == 0 && r.Dive == nil &&
		t.Elem.Kind == model.Pointer && t.Elem.Elem.Kind == model.Pointer
}

// mapMark names the variable of one more map in this function: start, start2.
func (l *level) mapMark() string {
	*l.maps++
	return place{depth: *l.maps - 1}.variable("start")
}
