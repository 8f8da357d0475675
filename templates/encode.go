package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// assignAppended appends to the buffer: b = wire.AppendString(b, …).
func assignAppended(fn string, args ...jen.Code) *jen.Statement {
	return jen.Id("b").Op("=").Add(appendedBytes(wirePath, fn, args...))
}

func appendedBytes(pkg, fn string, args ...jen.Code) *jen.Statement {
	return jen.Qual(pkg, fn).Call(append([]jen.Code{jen.Id("b")}, args...)...)
}

// appendLiteral appends pre-encoded bytes: b = append(b, "\xa8order_id"...).
func appendLiteral(s string) *jen.Statement {
	return jen.Id("b").Op("=").Append(jen.Id("b"), jen.Lit(s).Op("..."))
}

// encoderFunc writes the function that appends a struct.
//
//	func (v *OrderPlaced) necroAppend(b []byte) []byte {
//		b = append(b, "\x82\xa8order_id"...)
//		b = wire.AppendString(b, v.OrderID)
//		b = append(b, "\xa6amount"...)
//		b = wire.AppendFloat64(b, v.Amount)
//		return b
//	}
//
// It returns an error, too, when something in the struct can't always be written, and is given
// its depth when it may stand in itself.
//
//	func (v *Node) necroAppend(b []byte, depth int) ([]byte, error) {
//		var err error
//		if depth > wire.MaxDepth {
//			return nil, wire.TooDeep()
//		}
//		…
//		return b, nil
//	}
func (g *generator) encoderFunc(f *jen.File, o *object) {
	g.scratch, g.declared, g.current = jen.Null(), map[string]bool{}, o
	params, result := []jen.Code{jen.Id("b").Index().Byte()}, jen.Index().Byte()
	if o.nests {
		params = append(params, jen.Id("depth").Int())
	}
	if o.fails {
		result = jen.Params(jen.Index().Byte(), jen.Error())
	}
	g.helperHeader(f, o, "Append", params...).Add(result).BlockFunc(func(body *jen.Group) {
		body.Add(g.scratch)
		if o.nests {
			body.If(jen.Id("depth").Op(">").Qual(wirePath, "MaxDepth")).Block(
				jen.Return(jen.Nil(), jen.Qual(wirePath, "TooDeep").Call()))
		}
		if o.typ.Kind == model.Struct {
			g.appendStruct(body, o.typ)
		} else {
			g.appendInside(body, o.typ, receiver())
		}
		if o.fails {
			body.Return(jen.Id("b"), jen.Nil())
		} else {
			body.Return(jen.Id("b"))
		}
	})
	f.Line()
}

// tryAppend appends by a call that may fail.
//
//	if b, err = wire.AppendText(b, &v.Color); err != nil {
//		return nil, wire.Under(err, "color")
//	}
func (g *generator) tryAppend(to *jen.Group, at place, call *jen.Statement) {
	g.declareOnce("err", jen.Error())
	to.If(jen.List(jen.Id("b"), jen.Err()).Op("=").Add(call), jen.Err().Op("!=").Nil()).
		Block(jen.Return(jen.Nil(), at.failed()))
}

// declareOnce declares a variable at the top of the function, once.
func (g *generator) declareOnce(name string, typ *jen.Statement) {
	if !g.declared[name] {
		g.declared[name] = true
		g.scratch.Var().Id(name).Add(typ).Line()
	}
}

// appendStruct writes the header and the fields.
func (g *generator) appendStruct(body *jen.Group, t *model.Type) {
	w := fieldWriter{g: g, array: asArray(t)}
	fields := g.wireFields(t)
	w.omits = !w.array && mayOmitFields(fields)
	switch {
	case w.array:
		w.head = arrayHeader(len(fields))
	case w.omits:
		w.countFields(body, fields)
	default:
		w.head = mapHeader(len(fields))
	}
	w.writeFields(body, fields, 0)
	w.flushText(body)
}

// asArray reports whether the struct's _msgpack field asks for an array.
func asArray(t *model.Type) bool {
	for _, f := range t.Fields {
		if f.AsArray {
			return true
		}
	}
	return false
}

// mayOmitFields reports whether the number of fields depends on their values.
func mayOmitFields(fields []flat) bool {
	for _, f := range fields {
		if f.OmitEmpty {
			return true
		}
	}
	return false
}
