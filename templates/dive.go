package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// inside validates what a value holds: its elements after dive, the fields of a struct.
func (l *level) inside(t *spec.Type, at place, r *spec.Rules) []jen.Code {
	switch {
	case r != nil && r.Dive != nil:
		return l.dive(t, at, r.Dive)
	case t.Kind == spec.Struct && l.g.enters(t):
		return []jen.Code{l.enter(t, at)}
	}
	return nil
}

// enter appends the violations of a nested struct under its path.
//
//	vs.Under("leg", v.Leg.necroValidate())
//
// Those of an inlined one stand on the same level: vs = append(vs, v.Base.necroValidate()...).
// In a loop the path is made only when there are any.
//
//	if inner := v.Legs[i].necroValidate(); inner != nil {
//		vs.Under(rules.Index("legs", i), inner)
//	}
func (l *level) enter(t *spec.Type, at place) jen.Code {
	var call *jen.Statement
	if l.g.foreignEvent(t) {
		call = necro("ViolationsOf").Call(at.get().Dot("Validate").Call())
	} else {
		call = l.g.object(t).call("Validate", at)
	}
	under := func(inner jen.Code) *jen.Statement {
		return jen.Id("vs").Dot("Under").Call(l.path.Clone(), inner)
	}
	switch {
	case l.inline:
		return jen.Id("vs").Op("=").Append(jen.Id("vs"), call.Op("..."))
	case !l.looped:
		return under(call)
	}
	return jen.If(jen.Id("inner").Op(":=").Add(call), jen.Id("inner").Op("!=").Nil()).Block(under(jen.Id("inner")))
}

func (l *level) dive(t *spec.Type, at place, r *spec.Rules) []jen.Code {
	switch t.Kind {
	case spec.Slice, spec.Array, spec.Bytes:
		return l.diveElems(t, at, r)
	case spec.Map:
		return l.diveMap(t, at, r)
	}
	l.g.fail("dive into %s is not supported", t.Desc)
	return nil
}

// in returns the level of what stands inside, under rules.Index("legs", i).
func (l *level) in(fn string, index *jen.Statement) *level {
	path := jen.Qual(rulesPath, fn).Call(l.path.Clone(), index)
	return &level{g: l.g, parent: l.parent, path: path, looped: true, maps: l.maps}
}

// diveElems validates every element.
//
//	for i := range v.Tags {
//		if v.Tags[i] == "" {
//			vs.Add(rules.Index("tags", i), "required", "", "is required")
//		}
//	}
func (l *level) diveElems(t *spec.Type, at place, r *spec.Rules) []jen.Code {
	i, elem := at.variable("i"), t.Elem
	if t.Kind == spec.Bytes && elem == nil {
		elem = &spec.Type{Kind: spec.Uint8, Name: "uint8", Desc: "uint8"}
	}
	body := l.in("Index", jen.Id(i)).value(elem, at.elem(i), r)
	if len(body) == 0 {
		return nil
	}
	return []jen.Code{jen.For(jen.Id(i).Op(":=").Range().Add(at.value())).Block(body...)}
}

// diveMap validates every value. A map has no order, so its violations are sorted.
//
//	start := len(vs)
//	for k, x := range v.Stock {
//		if x < 1 {
//			vs.Add(rules.Key("stock", k), "min", "1", "must be at least 1")
//		}
//	}
//	vs.Sort(start)
func (l *level) diveMap(t *spec.Type, at place, r *spec.Rules) []jen.Code {
	k, x := at.variable("k"), at.variable("x")
	body := l.in("Key", converted(t.Key, "string", jen.Id(k))).value(t.Elem, at.local(x), r)
	if len(body) == 0 {
		return nil
	}
	start := l.mapMark()
	return []jen.Code{
		jen.Id(start).Op(":=").Len(jen.Id("vs")),
		jen.For(jen.List(jen.Id(k), jen.Id(x)).Op(":=").Range().Add(at.value())).Block(body...),
		jen.Id("vs").Dot("Sort").Call(jen.Id(start)),
	}
}

// mapMark names the variable of one more map in this function: start, start2.
func (l *level) mapMark() string {
	*l.maps++
	return place{depth: *l.maps - 1}.variable("start")
}
