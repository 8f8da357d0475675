package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// appendValue writes one value.
func (g *generator) appendValue(to *jen.Group, t *model.Type, at place) {
	if o := g.objectOf(t); o != nil {
		g.appendObject(to, o, at)
		return
	}
	g.appendInside(to, t, at)
}

// appendObject calls the function of a type that has one.
//
//	b = v.Leg.necroAppend(b)
func (g *generator) appendObject(to *jen.Group, o *object, at place) {
	args := []jen.Code{jen.Id("b")}
	switch {
	case o.nests && g.current.nests:
		args = append(args, jen.Id("depth").Op("+").Lit(1))
	case o.nests:
		args = append(args, jen.Lit(0))
	}
	call := o.call("Append", at, args...)
	if o.fails {
		g.tryAppend(to, at, call)
		return
	}
	to.Id("b").Op("=").Add(call)
}

// appendInside writes a value in place.
func (g *generator) appendInside(to *jen.Group, t *model.Type, at place) {
	switch t.Kind {
	case model.Pointer:
		g.appendPointer(to, t, at)
	case model.Slice:
		to.Add(assignAppended("AppendSliceHeader", at.value()))
		g.appendElems(to, t, at)
	case model.Array:
		g.appendArray(to, t, at)
	case model.Map:
		g.appendMap(to, t, at)
	case model.Any:
		g.tryAppend(to, at, appendedBytes(foreignPath, "AppendAny", at.value()))
	case model.Error:
		g.tryAppend(to, at, appendedBytes(wirePath, "AppendError", at.value()))
	case model.Foreign:
		g.appendForeign(to, t, at)
	case model.Struct: // an event of another package
		g.tryAppend(to, at, at.get().Dot("AppendMsgpack").Call(jen.Id("b")))
	default:
		b, ok := basic[t.Kind]
		if !ok {
			g.keepError("%s can't be encoded", t.Desc)
			return
		}
		to.Add(assignAppended("Append"+b.wire, plainBytes(t, convertTo(t, b.goName, at.value()))))
	}
}

// appendPointer writes nil or the value.
//
//	if v.Leg == nil {
//		b = wire.AppendNil(b)
//	} else {
//		b = v.Leg.necroAppend(b)
//	}
//
// What structs hold most is written by one call.
//
//	b = wire.AppendStringPointer(b, v.Note)
func (g *generator) appendPointer(to *jen.Group, t *model.Type, at place) {
	if t.Elem.Kind == model.Foreign && t.Name == "" && g.pointerForeign(to, t.Elem, at) {
		return
	}
	if fn := pointerFunc(t); fn != "" {
		to.Add(assignAppended("Append"+fn, at.value()))
		return
	}
	g.orNil(to, at, func(some *jen.Group) { g.appendValue(some, t.Elem, at.deref()) })
}

// orNil writes nil for a nil value.
func (g *generator) orNil(to *jen.Group, at place, some func(*jen.Group)) {
	to.If(at.value().Op("==").Nil()).Block(assignAppended("AppendNil")).Else().BlockFunc(some)
}

// appendElems writes the elements of a slice or an array.
//
//	for i := range v.Legs {
//		b = v.Legs[i].necroAppend(b)
//	}
func (g *generator) appendElems(to *jen.Group, t *model.Type, at place) {
	i := at.variable("i")
	to.For(jen.Id(i).Op(":=").Range().Add(at.value())).BlockFunc(func(body *jen.Group) {
		g.appendValue(body, t.Elem, at.elem(i))
	})
}

func (g *generator) appendArray(to *jen.Group, t *model.Type, at place) {
	if t.Elem.Under() == model.Uint8 {
		to.Add(assignAppended("AppendBytes", plainBytes(t, at.operand().Index(jen.Op(":")))))
		return
	}
	to.Add(assignAppended("AppendArrayLen", jen.Lit(int(t.Len))))
	g.appendElems(to, t, at)
}

// plainBytes turns a slice of a named byte type into bytes: wire.Plain(v.Blob).
func plainBytes(t *model.Type, x *jen.Statement) *jen.Statement {
	if t.Elem == nil || t.Elem.Path == "" {
		return x
	}
	return jen.Qual(wirePath, "Plain").Call(x)
}
