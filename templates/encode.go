package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// assign appends to the buffer: b = wire.AppendString(b, …).
func assign(fn string, args ...jen.Code) *jen.Statement {
	return jen.Id("b").Op("=").Qual(wirePath, fn).Call(append([]jen.Code{jen.Id("b")}, args...)...)
}

// literal appends pre-encoded bytes: b = append(b, "\xa8order_id"...).
func literal(s string) *jen.Statement {
	return jen.Id("b").Op("=").Append(jen.Id("b"), jen.Lit(s).Op("..."))
}

// encoder writes the function that appends a struct.
//
//	func (v *OrderPlaced) necroAppend(b []byte) []byte {
//		b = append(b, "\x82\xa8order_id"...)
//		b = wire.AppendString(b, v.OrderID)
//		b = append(b, "\xa6amount"...)
//		b = wire.AppendFloat64(b, v.Amount)
//		return b
//	}
func (g *generator) encoder(f *jen.File, o *object) {
	g.header(f, o, "Append", jen.Id("b").Index().Byte()).Index().Byte().BlockFunc(func(body *jen.Group) {
		fields := g.flatten(o.typ)
		g.scratch, g.declared = jen.Null(), map[string]bool{}
		body.Add(g.scratch)
		head := ""
		switch {
		case asArray(o.typ):
			body.Add(assign("AppendArrayLen", jen.Lit(len(fields))))
		case g.omits(fields):
			g.countFields(body, fields)
		default:
			head = mapHeader(len(fields))
		}
		for _, field := range fields {
			g.appendField(body, field, head, asArray(o.typ))
			head = ""
		}
		if head != "" {
			body.Add(literal(head))
		}
		body.Return(jen.Id("b"))
	})
	f.Line()
}

// asArray reports whether the struct's _msgpack field asks for an array.
func asArray(t *spec.Type) bool {
	for _, f := range t.Fields {
		if f.AsArray {
			return true
		}
	}
	return false
}

// omits reports whether the number of fields depends on their values.
func (g *generator) omits(fields []flat) bool {
	for _, f := range fields {
		if f.OmitEmpty {
			return true
		}
	}
	return false
}

// countFields counts the fields that are written.
//
//	n := 2
//	if v.Note != "" {
//		n++
//	}
//	b = wire.AppendMapLen(b, n)
func (g *generator) countFields(body *jen.Group, fields []flat) {
	fixed := 0
	var counts []jen.Code
	for _, f := range fields {
		filled, when := g.filled(f.Type, receiver().field(f.path))
		switch {
		case !f.OmitEmpty || when == always:
			fixed++
		case when == sometimes:
			counts = append(counts, jen.If(filled).Block(jen.Id("n").Op("++")))
		}
	}
	body.Id("n").Op(":=").Lit(fixed)
	for _, c := range counts {
		body.Add(c)
	}
	body.Add(assign("AppendMapLen", jen.Id("n")))
}

// appendField writes key and value, head in front of the key.
func (g *generator) appendField(body *jen.Group, f flat, head string, array bool) {
	at := receiver().field(f.path)
	write := func(to *jen.Group) {
		if !array {
			to.Add(literal(head + encodedKey(f.Wire)))
		}
		g.appendValue(to, f.Type, at)
	}
	filled, when := g.filled(f.Type, at)
	switch {
	case array || !f.OmitEmpty || when == always:
		write(body)
	case when == sometimes:
		body.If(filled).BlockFunc(write)
	}
}

// appendValue writes one value.
func (g *generator) appendValue(to *jen.Group, t *spec.Type, at place) {
	switch t.Kind {
	case spec.Pointer:
		g.appendPointer(to, t, at)
	case spec.Slice:
		to.Add(assign("AppendSliceHeader", at.value()))
		g.appendElems(to, t, at)
	case spec.Array:
		g.appendArray(to, t, at)
	case spec.Map:
		g.appendMap(to, t, at)
	case spec.Struct:
		to.Id("b").Op("=").Add(g.object(t).call("Append", at, jen.Id("b")))
	default:
		b, ok := basic[t.Kind]
		if !ok {
			g.fail("%s can't be encoded", t.Desc)
			return
		}
		to.Add(assign("Append"+b.wire, plain(t, converted(t, b.goName, at.value()))))
	}
}

// appendPointer writes nil or the value.
//
//	if v.Leg == nil {
//		b = wire.AppendNil(b)
//	} else {
//		b = v.Leg.necroAppend(b)
//	}
func (g *generator) appendPointer(to *jen.Group, t *spec.Type, at place) {
	to.If(at.value().Op("==").Nil()).Block(assign("AppendNil")).Else().BlockFunc(func(some *jen.Group) {
		g.appendValue(some, t.Elem, at.deref())
	})
}

// appendElems writes the elements of a slice or an array.
//
//	for i := range v.Legs {
//		b = v.Legs[i].necroAppend(b)
//	}
func (g *generator) appendElems(to *jen.Group, t *spec.Type, at place) {
	i := at.variable("i")
	to.For(jen.Id(i).Op(":=").Range().Add(at.value())).BlockFunc(func(body *jen.Group) {
		g.appendValue(body, t.Elem, at.elem(i))
	})
}

func (g *generator) appendArray(to *jen.Group, t *spec.Type, at place) {
	if t.Elem.Kind == spec.Uint8 {
		to.Add(assign("AppendBytes", plain(t, at.operand().Index(jen.Op(":")))))
		return
	}
	to.Add(assign("AppendArrayLen", jen.Lit(int(t.Len))))
	g.appendElems(to, t, at)
}

// appendMap writes the entries in key order.
//
//	var keys wire.Keys // once for all maps of the function
//	…
//	b = wire.AppendMapHeader(b, v.Stock)
//	for _, k := range wire.Sort(&keys, v.Stock) {
//		b = wire.AppendString(b, k)
//		b = wire.AppendInt(b, v.Stock[k])
//	}
//	keys.Free()
func (g *generator) appendMap(to *jen.Group, t *spec.Type, at place) {
	if t.Key.Kind != spec.String {
		g.fail("%s: map keys of this type are not supported", t.Desc)
		return
	}
	k, keys := at.variable("k"), g.keys(at)
	to.Add(assign("AppendMapHeader", at.value()))
	to.For(jen.List(jen.Id("_"), jen.Id(k)).Op(":=").Range().
		Qual(wirePath, "Sort").Call(jen.Op("&").Id(keys), at.value())).BlockFunc(func(body *jen.Group) {
		body.Add(assign("AppendString", jen.Id(k)))
		key := jen.Id(k)
		if t.Key.Path != "" {
			key = jen.Add(g.goType(t.Key)).Call(jen.Id(k))
		}
		entry := at.operand().Index(key)
		if _, scalar := basic[t.Elem.Kind]; scalar {
			g.appendValue(body, t.Elem, place{expr: entry, depth: at.depth + 1})
			return
		}
		x := at.variable("x")
		body.Id(x).Op(":=").Add(entry)
		g.appendValue(body, t.Elem, at.local(x))
	})
	to.Id(keys).Dot("Free").Call()
}

// plain turns a slice of a named byte type into bytes: wire.Plain(v.Blob).
func plain(t *spec.Type, x *jen.Statement) *jen.Statement {
	if t.Elem == nil || t.Elem.Path == "" {
		return x
	}
	return jen.Qual(wirePath, "Plain").Call(x)
}

// keys names the room for the keys of a map, and declares it the first time. Maps that do
// not stand inside each other share it.
func (g *generator) keys(at place) string {
	name := at.variable("keys")
	if !g.declared[name] {
		g.declared[name] = true
		g.scratch.Var().Id(name).Qual(wirePath, "Keys").Line()
	}
	return name
}
