package templates

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// eventMethods writes the four methods of an event.
func (g *generator) eventMethods(f *jen.File, e *spec.Event) {
	descriptorMethod(f, e)
	g.validateMethod(f, e)
	appendMethod(f, e)
	g.readMethod(f, e)
}

// method begins a method of a generated type, with its comment.
func method(f *jen.File, recv, typ, name, comment string) *jen.Statement {
	f.Comment(name + " " + comment)
	return f.Func().Params(jen.Id(recv).Op("*").Id(typ)).Id(name)
}

// descriptorMethod does without the receiver, so that it can be called on nil.
//
//	func (e *OrderPlaced) NecroEvent() *necro.EventType { return &necroOrderPlaced }
func descriptorMethod(f *jen.File, e *spec.Event) {
	method(f, "e", e.GoName, "NecroEvent", "returns the descriptor of "+e.Name+".").
		Params().Op("*").Add(necro("EventType")).
		Block(jen.Return(jen.Op("&").Id(spec.DescriptorName(e.GoName))))
	f.Line()
}

// validateMethod collects every violation.
//
//	func (e *OrderPlaced) Validate() error { return e.necroValidate().Err("ORDER_PLACED") }
func (g *generator) validateMethod(f *jen.File, e *spec.Event) {
	result := jen.Nil()
	if g.validates(e.Struct) {
		result = jen.Id("e").Dot("necroValidate").Call().Dot("Err").Call(jen.Lit(e.Name))
	}
	method(f, "e", e.GoName, "Validate", "returns nil, or a *necro.ValidationError that lists every violation.").
		Params().Error().Block(jen.Return(result))
	f.Line()
}

// appendMethod encodes.
//
//	func (e *OrderPlaced) AppendMsgpack(b []byte) ([]byte, error) {
//		return e.necroAppend(b), nil
//	}
func appendMethod(f *jen.File, e *spec.Event) {
	method(f, "e", e.GoName, "AppendMsgpack", "appends the event's encoding to b.").
		Params(jen.Id("b").Index().Byte()).Params(jen.Index().Byte(), jen.Error()).
		Block(jen.Return(jen.Id("e").Dot("necroAppend").Call(jen.Id("b")), jen.Nil()))
	f.Line()
}

// readMethod decodes. The strings of the event are parts of one copy of the input. An
// event with a single string copies that instead.
//
//	func (e *OrderPlaced) ReadMsgpack(b []byte) (rest []byte, err error) {
//		*e = OrderPlaced{}
//		in := wire.Copy(b)
//		s, err := e.necroRead(in)
//		return wire.Rest(b, in, s, err)
//	}
func (g *generator) readMethod(f *jen.File, e *spec.Event) {
	input := "Copy"
	if g.object(e.Struct).ownText || !g.holdsText(e.Struct) {
		input = "View"
	}
	method(f, "e", e.GoName, "ReadMsgpack", "replaces the event by what b begins with, and returns what follows it.").
		Params(jen.Id("b").Index().Byte()).
		Params(jen.Id("rest").Index().Byte(), jen.Err().Error()).
		Block(
			jen.Op("*").Id("e").Op("=").Id(e.GoName).Values(),
			jen.Id("in").Op(":=").Qual(wirePath, input).Call(jen.Id("b")),
			jen.List(jen.Id("s"), jen.Err()).Op(":=").Id("e").Dot("necroRead").Call(jen.Id("in")),
			jen.Return(jen.Qual(wirePath, "Rest").Call(jen.Id("b"), jen.Id("in"), jen.Id("s"), jen.Err())),
		)
	f.Line()
}

// holdsText reports whether a value holds a string, be it as the key of a map.
func (g *generator) holdsText(t *spec.Type) bool {
	switch t.Kind {
	case spec.String, spec.Map:
		return true
	case spec.Pointer, spec.Slice, spec.Array:
		return g.holdsText(t.Elem)
	case spec.Struct:
		return slices.ContainsFunc(g.flatten(t), func(f flat) bool { return g.holdsText(f.Type) })
	}
	return false
}

// header begins the helper of a struct: a method, or a function for a type that can't have
// methods here.
//
//	func (v *Leg) necroAppend(
//	func necroMoneyAmountAppend(v *money.Amount,
func (g *generator) header(f *jen.File, o *object, verb string, params ...jen.Code) *jen.Statement {
	v := jen.Id("v").Op("*").Add(g.goType(o.typ))
	if o.base == "" {
		return f.Func().Params(v).Id("necro" + verb).Params(params...)
	}
	return f.Func().Id(o.base + verb).Params(append([]jen.Code{v}, params...)...)
}

// call calls the helper of a struct.
//
//	v.Legs[i].necroAppend(b)
//	necroMoneyAmountAppend(&v.Price, b)
func (o *object) call(verb string, at place, args ...jen.Code) *jen.Statement {
	if o.base == "" {
		return at.get().Dot("necro" + verb).Call(args...)
	}
	return jen.Id(o.base + verb).Call(append([]jen.Code{at.address()}, args...)...)
}

// ownText reports whether an event has a single string, on its first level, and no other
// struct reads the event.
func (g *generator) ownText(e *spec.Event) bool {
	texts := 0
	for _, f := range g.flatten(e.Struct) {
		switch {
		case f.Type.Kind == spec.String:
			texts++
		case g.holdsText(f.Type):
			return false
		}
	}
	return texts == 1 && !g.nested[typeKey(e.Struct)]
}
