package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// readCall calls a function that reads: s, err = wire.ReadString(s, &v.OrderID).
func readCall(fn string, from string, args ...jen.Code) *jen.Statement {
	return readRest().Qual(wirePath, fn).Call(append([]jen.Code{jen.Id(from)}, args...)...)
}

// readRest assigns the input behind a value: s, err = …
func readRest() *jen.Statement { return jen.List(jen.Id("s"), jen.Err()).Op("=") }

// decoderFunc writes the function that reads a struct into a zero value, and the names that it
// looks for.
//
//	var necroOrderPlacedKeys = wire.Names{Keys: []string{"\xa8order_id", "\xa6amount"}}
//
//	func (v *OrderPlaced) necroRead(s string) (string, error) {
//		var f wire.Fields
//		s, err := f.Open(s, &necroOrderPlacedKeys)
//		for f.Left > 0 {
//			if t, ok := f.Key(s, 0, "\xa8order_id"); ok {
//				s, err = wire.ReadString(t, &v.OrderID)
//			}
//			if t, ok := f.Key(s, 1, "\xa6amount"); ok {
//				s, err = wire.ReadFloat64(t, &v.Amount)
//			}
//			s, err = f.Pass(s, err)
//		}
//		return s, err
//	}
func (g *generator) decoderFunc(f *jen.File, o *object) {
	if o.typ.Kind != model.Struct {
		g.bareDecoder(f, o)
		return
	}
	fields := g.wireFields(o.typ)
	f.Var().Id(o.keys).Op("=").Add(keyTable(fields))
	f.Line()
	kind, pass := "Fields", g.passFields
	if len(fields) > manyFields {
		kind, pass = "ManyFields", g.switchFields
	}
	g.helperHeader(f, o, "Read", jen.Id("s").String()).Params(jen.String(), jen.Error()).Block(
		jen.Var().Id("f").Qual(wirePath, kind),
		jen.List(jen.Id("s"), jen.Err()).Op(":=").Id("f").Dot("Open").Call(jen.Id("s"), jen.Op("&").Id(o.keys)),
		jen.For(jen.Id("f").Dot("Left").Op(">").Lit(0)).BlockFunc(func(body *jen.Group) { pass(body, o, fields) }),
		jen.Return(jen.Id("s"), jen.Err()),
	)
	f.Line()
}

// passFields tries the fields in their order.
func (g *generator) passFields(body *jen.Group, o *object, fields []flat) {
	for i, field := range fields {
		body.If(matchKey(i, field), jen.Id("ok")).BlockFunc(func(value *jen.Group) { g.readField(value, o, field) })
	}
	body.Add(readRest()).Id("f").Dot("Pass").Call(jen.Id("s"), jen.Err())
}

// manyFields is the number of fields that passFields may put into place. The code of a larger struct
// would take the compiler long.
const manyFields = 12

// switchFields asks which field the next one is.
//
//	switch i, t := f.Next(s); i {
//	case 0:
//		s, err = wire.ReadString(t, &v.OrderID)
//	case 1:
//		s, err = wire.ReadFloat64(t, &v.Amount)
//	}
//	s, err = f.Done(s, err)
func (g *generator) switchFields(body *jen.Group, o *object, fields []flat) {
	next := jen.List(jen.Id("i"), jen.Id("t")).Op(":=").Id("f").Dot("Next").Call(jen.Id("s"))
	body.Switch(next, jen.Id("i")).BlockFunc(func(cases *jen.Group) {
		for i, field := range fields {
			cases.Case(jen.Lit(i)).BlockFunc(func(value *jen.Group) { g.readField(value, o, field) })
		}
	})
	body.Add(readRest()).Id("f").Dot("Done").Call(jen.Id("s"), jen.Err())
}

// readField reads a field from the input behind its key.
func (g *generator) readField(value *jen.Group, o *object, field flat) {
	g.openEmbedded(value, field)
	if o.ownText && field.Type.Kind == model.String {
		g.readScalar(value, field.Type, receiver().field(field.path), "t", "ReadOwn")
		return
	}
	g.readInto(value, field.Type, receiver().field(field.path), "t")
}

// bareDecoder writes the function that reads a slice or a map that holds itself.
//
//	func (v *Tree) necroRead(s string) (_ string, err error) {
//		var n int
//		n, s, err = wire.ReadArrayLen(s)
//		…
//		return s, err
//	}
func (g *generator) bareDecoder(f *jen.File, o *object) {
	g.helperHeader(f, o, "Read", jen.Id("s").String()).
		Params(jen.Id("_").String(), jen.Err().Error()).
		BlockFunc(func(body *jen.Group) {
			g.readInside(body, o.typ, receiver(), "s")
			body.Return(jen.Id("s"), jen.Err())
		})
	f.Line()
}

// openEmbedded makes the embedded structs that a field stands in, as the reference does for every
// field that it meets, also for nil.
//
//	if v.Base == nil {
//		v.Base = new(Base)
//	}
func (g *generator) openEmbedded(to *jen.Group, f flat) {
	for _, p := range f.through {
		at := receiver().field(p.path)
		to.If(at.value().Op("==").Nil()).Block(at.value().Op("=").New(g.goType(p.typ.Elem)))
	}
}

// matchKey tries a field's key: t, ok := f.Key(s, 0, "\xa8order_id").
func matchKey(i int, f flat) *jen.Statement {
	return jen.List(jen.Id("t"), jen.Id("ok")).Op(":=").Id("f").Dot("Key").
		Call(jen.Id("s"), jen.Lit(i), jen.Lit(encodedKey(f.Wire)))
}

// keyTable lists the fields' names with their headers, then their aliases.
//
//	wire.Names{
//		Keys:    []string{"\xa6amount", "\xa4note", "\xa5total"},
//		Aliases: []int{0},
//	}
func keyTable(fields []flat) *jen.Statement {
	var keys, others, of []jen.Code
	for i, f := range fields {
		keys = append(keys, jen.Lit(encodedKey(f.Wire)))
		for _, alias := range f.Aliases {
			others = append(others, jen.Lit(encodedKey(alias)))
			of = append(of, jen.Lit(i))
		}
	}
	values := []jen.Code{jen.Id("Keys").Op(":").Index().String().Values(append(keys, others...)...)}
	if of != nil {
		values = append(values, jen.Id("Aliases").Op(":").Index().Int().Values(of...))
	}
	return jen.Qual(wirePath, "Names").Values(values...)
}

// readInto reads from what begins with a value into a place that holds zero.
func (g *generator) readInto(to *jen.Group, t *model.Type, at place, from string) {
	if o := g.objectOf(t); o != nil {
		to.Add(readRest()).Add(o.call("Read", at, jen.Id(from)))
		return
	}
	g.readInside(to, t, at, from)
}

// readInside reads a value in place.
func (g *generator) readInside(to *jen.Group, t *model.Type, at place, from string) {
	switch t.Kind {
	case model.Pointer:
		g.readPointer(to, t, at, from)
	case model.Slice:
		g.readSlice(to, t, at, from)
	case model.Array:
		g.readArray(to, t, at, from)
	case model.Map:
		g.readMap(to, t, at, from)
	case model.Any:
		into := at.address()
		if t.Name != "" {
			into = jen.Parens(jen.Op("*").Add(g.anyType())).Parens(into)
		}
		to.Add(readRest()).Qual(foreignPath, "ReadAny").Call(jen.Id(from), into)
	case model.Error:
		to.Add(readCall("ReadError", from, at.address()))
	case model.Foreign:
		g.readForeign(to, t, at, from)
	case model.Struct: // an event of another package
		to.Add(readCall("ReadEvent", from, at.address()))
	default:
		g.readScalar(to, t, at, from, "Read")
	}
}

// readForeign reads a value of a type that decodes itself.
//
//	s, err = wire.ReadText(t, &v.Color)
func (g *generator) readForeign(to *jen.Group, t *model.Type, at place, from string) {
	own, found := ownMethods[t.Marshalers.Decode]
	switch {
	case t.Marshalers.Raw:
		to.Add(readCall("ReadRaw", from, jen.Parens(jen.Op("*").Index().Byte()).Parens(at.address())))
	case found:
		to.Add(readCall("Read"+own, from, at.address()))
	default:
		to.Add(readRest()).Qual(foreignPath, "Read").Call(jen.Id(from), at.address())
	}
}

// readScalar reads a value that holds no other, of a named type through its basic one.
//
//	s, err = wire.ReadString(t, (*string)(&v.Symbol))
func (g *generator) readScalar(to *jen.Group, t *model.Type, at place, from, verb string) {
	b, ok := basic[t.Kind]
	if !ok {
		g.keepError("%s can't be decoded", t.Desc)
		return
	}
	into := at.address()
	switch {
	case t.Kind == model.Bytes && t.Elem != nil && t.Elem.Path != "":
		into = jen.Qual(wirePath, "PlainPointer").Call(into)
	case t.Kind == model.Bytes && t.Path != "":
		into = jen.Parens(jen.Op("*").Index().Byte()).Parens(into)
	case b.goName != "" && t.Path != "":
		into = jen.Parens(jen.Op("*").Id(b.goName)).Parens(into)
	}
	to.Add(readCall(verb+b.wire, from, into))
}

// readPointer leaves nil for nil.
//
//	if wire.IsNil(t) {
//		s = t[1:]
//	} else {
//		v.Leg = new(Leg)
//		s, err = v.Leg.necroRead(t)
//	}
//
// What structs hold most is read by one call.
//
//	s, err = wire.ReadStringPointer(t, &v.Note)
func (g *generator) readPointer(to *jen.Group, t *model.Type, at place, from string) {
	if fn := pointerFunc(t); fn != "" {
		to.Add(readCall("Read"+fn, from, at.address()))
		return
	}
	some := func(to *jen.Group) { g.readInto(to, t.Elem, at.deref(), from) }
	if m := t.Elem.Marshalers; t.Elem.Kind == model.Foreign && t.Name == "" && m.PointerDecode != m.Decode {
		own, found := ownMethods[m.PointerDecode]
		if !found {
			to.Add(readRest()).Qual(foreignPath, "Read").Call(jen.Id(from), at.address())
			return
		}
		some = func(to *jen.Group) { to.Add(readCall("Read"+own, from, at.value())) }
	}
	to.If(jen.Qual(wirePath, "IsNil").Call(jen.Id(from))).Block(
		jen.Id("s").Op("=").Id(from).Index(jen.Lit(1), jen.Empty()),
	).Else().BlockFunc(func(body *jen.Group) {
		body.Add(at.value()).Op("=").New(g.goType(t.Elem))
		some(body)
	})
}

// pointerFunc names the functions for a pointer to a scalar; "" without one.
func pointerFunc(t *model.Type) string {
	if t.Name != "" || t.Elem.Path != "" && t.Elem.Kind != model.Time {
		return ""
	}
	switch t.Elem.Kind {
	case model.Bool, model.Int, model.Int64, model.Float64, model.String, model.Time:
		return basic[t.Elem.Kind].wire + "Pointer"
	}
	return ""
}

// readLen reads a header.
//
//	var n int
//	n, s, err = wire.ReadArrayLen(t)
func readLen(to *jen.Group, fn, n, from string, args ...jen.Code) {
	to.Var().Id(n).Int()
	to.List(jen.Id(n), jen.Id("s"), jen.Err()).Op("=").Qual(wirePath, fn).
		Call(append([]jen.Code{jen.Id(from)}, args...)...)
}

// readElements reads one after the other, and ends with the first error.
//
//	for i := range n {
//		s, err = v.Legs[i].necroRead(s)
//		if err != nil {
//			err = wire.At(err, i)
//			break
//		}
//	}
func readElements(to *jen.Group, i, n string, one func(*jen.Group)) {
	to.For(jen.Id(i).Op(":=").Range().Id(n)).BlockFunc(func(body *jen.Group) {
		one(body)
		body.If(jen.Err().Op("!=").Nil()).Block(
			jen.Err().Op("=").Qual(wirePath, "At").Call(jen.Err(), jen.Id(i)),
			jen.Break(),
		)
	})
}

// readSlice lets append grow the slice, so that a header that lies takes no memory.
//
//	var n int
//	n, s, err = wire.ReadArrayLen(t)
//	v.Tags = wire.MakeSlice[string](s, n)
//	for i := range n {
//		v.Tags = append(v.Tags, "")
//		s, err = wire.ReadString(s, &v.Tags[i])
//		…
//	}
func (g *generator) readSlice(to *jen.Group, t *model.Type, at place, from string) {
	n, i := at.variable("n"), at.variable("i")
	readLen(to, "ReadArrayLen", n, from)
	to.Add(at.value()).Op("=").Qual(wirePath, "MakeSlice").Types(g.goType(t.Elem)).
		Call(jen.Id("s"), jen.Id(n))
	readElements(to, i, n, func(body *jen.Group) {
		body.Add(at.value()).Op("=").Append(at.value(), g.zeroOf(t.Elem))
		g.readInto(body, t.Elem, at.elem(i), "s")
	})
}

// zeroOf is the zero value of a type as a literal.
func (g *generator) zeroOf(t *model.Type) *jen.Statement {
	switch t.Under() {
	case model.Bool:
		return jen.False()
	case model.String:
		return jen.Lit("")
	case model.Struct, model.Array:
		return jen.Add(g.goType(t)).Values()
	case model.Slice, model.Map, model.Pointer, model.Any, model.Error, model.Other:
		return jen.Nil()
	}
	return jen.Lit(0)
}

// readArray wants exactly as many elements as there are.
//
//	var n int
//	n, s, err = wire.ReadArrayOf(t, 3)
//	for i := range n {
//		s, err = wire.ReadString(s, &v.Lines[i])
//		…
//	}
func (g *generator) readArray(to *jen.Group, t *model.Type, at place, from string) {
	if t.Elem.Under() == model.Uint8 {
		to.Add(readCall("ReadByteArray", from, plainBytes(t, at.operand().Index(jen.Op(":")))))
		return
	}
	n, i := at.variable("n"), at.variable("i")
	readLen(to, "ReadArrayOf", n, from, jen.Lit(int(t.Len)))
	readElements(to, i, n, func(body *jen.Group) { g.readInto(body, t.Elem, at.elem(i), "s") })
}

// readMap refuses a key that comes twice: the map did not grow.
//
//	var n int
//	n, s, err = wire.ReadMapLen(t)
//	v.Stock = wire.MakeMap[string, int](s, n)
//	for i := range n {
//		var (
//			k string
//			x int
//		)
//		if s, err = wire.ReadString(s, &k); err == nil {
//			s, err = wire.ReadInt(s, &x)
//		}
//		v.Stock[k] = x
//		if s, err = wire.Entry(s, err, k, i, len(v.Stock)); err != nil {
//			break
//		}
//	}
func (g *generator) readMap(to *jen.Group, t *model.Type, at place, from string) {
	n, i, k, x := at.variable("n"), at.variable("i"), at.variable("k"), at.variable("x")
	readLen(to, "ReadMapLen", n, from)
	to.Add(at.value()).Op("=").Qual(wirePath, "MakeMap").Types(g.goType(t.Key), g.goType(t.Elem)).
		Call(jen.Id("s"), jen.Id(n))
	to.For(jen.Id(i).Op(":=").Range().Id(n)).BlockFunc(func(body *jen.Group) {
		key, entry := g.readKey(body, t, at, k, x)
		body.Add(at.operand()).Index(key).Op("=").Id(x)
		body.If(
			readRest().Qual(wirePath, entry).Call(jen.Id("s"), jen.Err(), jen.Id(k), jen.Id(i), jen.Len(at.value())),
			jen.Err().Op("!=").Nil(),
		).Block(jen.Break())
	})
}

// readKey declares and reads a key and its value. It returns the key as the map has it, and the
// function that ends the entry.
func (g *generator) readKey(body *jen.Group, t *model.Type, at place, k, x string) (key *jen.Statement, entry string) {
	value := func(ok *jen.Group) { g.readInto(ok, t.Elem, at.local(x), "s") }
	keyType := g.goType(t.Key)
	if t.Key.Kind == model.String {
		keyType = jen.String()
	}
	body.Var().Defs(jen.Id(k).Add(keyType), jen.Id(x).Add(g.goType(t.Elem)))
	if t.Key.Kind == model.String {
		body.If(readCall("ReadString", "s", jen.Op("&").Id(k)), jen.Err().Op("==").Nil()).BlockFunc(value)
		return g.mapKey(t.Key, "string", k), "Entry"
	}
	g.readInto(body, t.Key, at.local(k), "s")
	body.If(jen.Err().Op("==").Nil()).BlockFunc(value)
	return jen.Id(k), "EntryOf"
}
