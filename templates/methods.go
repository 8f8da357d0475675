package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// words are those in which the code of an event and of a state differ.
type words struct {
	receiver, param string // names of variables
	noun            string // in comments
	typ, descriptor string // in package contract
}

func wordsOf(e *model.Event) words {
	if e.State {
		return words{receiver: "v", param: "s", noun: "state", typ: "State", descriptor: "StateType"}
	}
	return words{receiver: "e", param: "e", noun: "event", typ: "Event", descriptor: "EventType"}
}

func (w words) contract() *jen.Statement { return contract(w.typ) }

// codedMethods writes the four methods of an event or of a state.
func (g *generator) codedMethods(f *jen.File, e *model.Event) {
	descriptorMethod(f, e)
	g.validateMethod(f, e)
	g.appendMethod(f, e)
	g.readMethod(f, e)
}

// methodHeader begins a method of a generated type, with its comment.
func methodHeader(f *jen.File, recv, typ, name, comment string) *jen.Statement {
	f.Comment(name + " " + comment)
	return f.Func().Params(jen.Id(recv).Op("*").Id(typ)).Id(name)
}

// descriptorMethod does without the receiver, so that it can be called on nil.
//
//	func (e *OrderPlaced) NecroEvent() *contract.EventType { return &necroOrderPlaced }
func descriptorMethod(f *jen.File, e *model.Event) {
	words := wordsOf(e)
	methodHeader(f, words.receiver, e.GoName, "Necro"+words.typ, "returns the descriptor of "+e.Name+".").
		Params().Op("*").Add(contract(words.descriptor)).
		Block(jen.Return(jen.Op("&").Id(model.DescriptorName(e.GoName))))
	f.Line()
}

// validateMethod collects every violation.
//
//	func (e *OrderPlaced) Validate() error { return e.necroValidate().Err("ORDER_PLACED") }
func (g *generator) validateMethod(f *jen.File, e *model.Event) {
	result := jen.Nil()
	if g.hasValidation(e.Struct) {
		var args []jen.Code
		if g.objectEntry(e.Struct).loops {
			args = append(args, jen.Lit(0))
		}
		result = jen.Id(wordsOf(e).receiver).Dot("necroValidate").Call(args...).Dot("Err").Call(jen.Lit(e.Name))
	}
	methodHeader(f, wordsOf(e).receiver, e.GoName, "Validate", "returns nil, or a *contract.ValidationError that lists every violation.").
		Params().Error().Block(jen.Return(result))
	f.Line()
}

// appendMethod encodes.
//
//	func (e *OrderPlaced) AppendMsgpack(b []byte) ([]byte, error) {
//		return e.necroAppend(b), nil
//	}
//
// An event that may hold itself must not nest deeper than readers go.
//
//	n := len(b)
//	b, err := e.necroAppend(b, 0)
//	return wire.Bounded(b, n, err)
func (g *generator) appendMethod(f *jen.File, e *model.Event) {
	o, b, words := g.objectEntry(e.Struct), jen.Id("b"), wordsOf(e)
	args := []jen.Code{b}
	if o.nests {
		args = append(args, jen.Lit(0))
	}
	call := jen.Id(words.receiver).Dot("necroAppend").Call(args...)
	var body []jen.Code
	switch {
	case g.holdsCircle(e.Struct):
		body = []jen.Code{
			jen.Id("n").Op(":=").Len(b),
			jen.List(b, jen.Err()).Op(":=").Add(call),
			jen.Return(jen.Qual(wirePath, "Bounded").Call(b, jen.Id("n"), jen.Err())),
		}
	case o.fails:
		body = []jen.Code{jen.Return(call)}
	default:
		body = []jen.Code{jen.Return(call, jen.Nil())}
	}
	methodHeader(f, words.receiver, e.GoName, "AppendMsgpack", "appends the "+words.noun+"'s encoding to b.").
		Params(jen.Id("b").Index().Byte()).Params(jen.Index().Byte(), jen.Error()).Block(body...)
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
//
// What an event that may hold itself is read from is looked at first.
//
//	in, err := wire.Scan(b)
//	if err != nil {
//		return nil, err
//	}
func (g *generator) readMethod(f *jen.File, e *model.Event) {
	in, b, words := jen.Id("in"), jen.Id("b"), wordsOf(e)
	body := []jen.Code{jen.Op("*").Id(words.receiver).Op("=").Id(e.GoName).Values()}
	switch o := g.objectEntry(e.Struct); {
	case g.holdsCircle(e.Struct):
		body = append(body,
			jen.List(in, jen.Err()).Op(":=").Qual(wirePath, "Scan").Call(b),
			jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())))
	case o.ownText || !g.holdsText(e.Struct):
		body = append(body, in.Clone().Op(":=").Qual(wirePath, "View").Call(b))
	default:
		body = append(body, in.Clone().Op(":=").Qual(wirePath, "Copy").Call(b))
	}
	body = append(body,
		jen.List(jen.Id("s"), jen.Err()).Op(":=").Id(words.receiver).Dot("necroRead").Call(in),
		jen.Return(jen.Qual(wirePath, "Rest").Call(b, in, jen.Id("s"), jen.Err())))
	methodHeader(f, words.receiver, e.GoName, "ReadMsgpack", "replaces the "+words.noun+" by the one at the beginning of b, and returns the rest of b.").
		Params(jen.Id("b").Index().Byte()).
		Params(jen.Id("rest").Index().Byte(), jen.Err().Error()).
		Block(body...)
	f.Line()
}

// holdsText reports whether a value holds a string, also as the key of a map.
func (g *generator) holdsText(t *model.Type) bool {
	return g.holdsAny(t, map[*model.Type]bool{}, func(t *model.Type) bool {
		return t.Kind == model.String || t.Kind == model.Map || t.Kind == model.Any || t.Kind == model.Error
	})
}

// holdsCircle reports whether a value holds one that may stand in itself.
func (g *generator) holdsCircle(t *model.Type) bool {
	return g.holdsAny(t, map[*model.Type]bool{}, func(t *model.Type) bool {
		o := g.objectOf(t)
		return o != nil && o.nests
	})
}

// holdsAny reports whether a value is or is made of one with a property.
func (g *generator) holdsAny(t *model.Type, seen map[*model.Type]bool, is func(*model.Type) bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	found := is(t)
	g.visitContents(t, func(t *model.Type) { found = found || g.holdsAny(t, seen, is) })
	return found
}

// helperHeader begins the helper of a struct: a method, or a function for a type that can't have
// methods here.
//
//	func (v *Leg) necroAppend(
//	func necroMoneyAmountAppend(v *money.Amount,
func (g *generator) helperHeader(f *jen.File, o *object, verb string, params ...jen.Code) *jen.Statement {
	v := jen.Id("v").Op("*").Add(g.goType(o.typ))
	if o.base == "" {
		name := o.method(verb)
		if says := sharedMethods[name]; says != "" {
			f.Comment(name + " " + says + ": generated code of packages that hold one calls it.")
		}
		return f.Func().Params(v).Id(name).Params(params...)
	}
	return f.Func().Id(o.base + verb).Params(append([]jen.Code{v}, params...)...)
}

// sharedMethods are the exported methods of shared structs, with what their comments say.
var sharedMethods = map[string]string{
	"NecroValidate": "returns what v breaks",
	"NecroAppend":   "appends the encoding of v to b",
	"NecroRead":     "reads v, which is zero, from the beginning of s, and returns the rest",
}

// method names the method of an object that has methods.
func (o *object) method(verb string) string {
	if _, found := sharedMethods["Necro"+verb]; found && o.shared {
		return "Necro" + verb
	}
	return "necro" + verb
}

// call calls the helper of a struct.
//
//	v.Legs[i].necroAppend(b)
//	necroMoneyAmountAppend(&v.Price, b)
func (o *object) call(verb string, at place, args ...jen.Code) *jen.Statement {
	if o.base == "" {
		return at.get().Dot(o.method(verb)).Call(args...)
	}
	return jen.Id(o.base + verb).Call(append([]jen.Code{at.address()}, args...)...)
}

// ownText reports whether an event has a single string, on its first level, and no other
// struct reads the event.
func (g *generator) ownText(e *model.Event) bool {
	texts := 0
	for _, f := range g.wireFields(e.Struct) {
		switch {
		case f.Type.Kind == model.String:
			texts++
		case g.holdsText(f.Type):
			return false
		}
	}
	return texts == 1 && !g.nested[typeKey(e.Struct)]
}
