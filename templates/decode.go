package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// read calls a method of the reader: r.String().
func read(name string, args ...jen.Code) *jen.Statement {
	return jen.Id("r").Dot(name).Call(args...)
}

// decoder writes the function that reads a struct into a zero value, and the names that it
// looks for.
//
//	var necroOrderPlacedKeys = wire.Names{Keys: []string{"\xa8order_id", "\xa6amount"}}
//
//	func (v *OrderPlaced) necroRead(r *wire.Reader) {
//		f := r.Struct(&necroOrderPlacedKeys)
//		for f.Next(r) {
//			switch f.Field {
//			case 0: // order_id
//				v.OrderID = r.String()
//			case 1: // amount
//				v.Amount = r.Float64()
//			}
//		}
//	}
//
// A variable of the for statement itself would be copied in every round.
func (g *generator) decoder(f *jen.File, o *object) {
	fields := g.flatten(o.typ)
	f.Var().Id(o.keys).Op("=").Add(keyTable(fields))
	f.Line()
	each := jen.Switch(jen.Id("f").Dot("Field")).BlockFunc(func(cases *jen.Group) {
		for i, field := range fields {
			cases.Case(jen.Lit(i)).BlockFunc(func(value *jen.Group) {
				value.Comment(field.Wire)
				g.readInto(value, field.Type, receiver().field(field.path))
			})
		}
	})
	if len(fields) == 0 {
		each = jen.Null()
	}
	g.header(f, o, "Read", jen.Id("r").Op("*").Qual(wirePath, "Reader")).Block(
		jen.Id("f").Op(":=").Add(read("Struct", jen.Op("&").Id(o.keys))),
		jen.For(jen.Id("f").Dot("Next").Call(jen.Id("r"))).Block(each),
	)
	f.Line()
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

// scalar returns the expression that reads a value without a nested one.
func (g *generator) scalar(t *spec.Type) *jen.Statement {
	b, ok := basic[t.Kind]
	if !ok {
		return nil
	}
	x := read(b.wire)
	if t.Kind == spec.Bytes && t.Elem != nil && t.Elem.Path != "" {
		return jen.Qual(wirePath, "Named").Types(g.goType(t.Elem)).Call(x)
	}
	if t.Path == "" || t.Kind == spec.Time || t.Kind == spec.Duration || t.Kind == spec.Bytes {
		return x
	}
	return jen.Add(g.goType(t)).Call(x)
}

// readInto reads a value into a place that holds zero.
func (g *generator) readInto(to *jen.Group, t *spec.Type, at place) {
	if x := g.scalar(t); x != nil {
		to.Add(at.value()).Op("=").Add(x)
		return
	}
	switch t.Kind {
	case spec.Pointer:
		g.readPointer(to, t, at)
	case spec.Slice:
		g.readSlice(to, t, at)
	case spec.Array:
		g.readArray(to, t, at)
	case spec.Map:
		g.readMap(to, t, at)
	case spec.Struct:
		to.Add(g.object(t).call("Read", at, jen.Id("r")))
	default:
		g.fail("%s can't be decoded", t.Desc)
	}
}

// readPointer leaves nil for nil.
//
//	if !r.Nil() {
//		v.Leg = new(Leg)
//		v.Leg.necroRead(r)
//	}
func (g *generator) readPointer(to *jen.Group, t *spec.Type, at place) {
	to.If(jen.Op("!").Add(read("Nil"))).BlockFunc(func(some *jen.Group) {
		some.Add(at.value()).Op("=").New(g.goType(t.Elem))
		g.readInto(some, t.Elem, at.deref())
	})
}

// readSlice lets append grow the slice, so that a header that lies takes no memory.
//
//	if n := r.ArrayLen(); n >= 0 {
//		v.Tags = wire.MakeSlice[string](r, n)
//		for i := 0; r.More(i, n); i++ {
//			v.Tags = append(v.Tags, r.String())
//		}
//	}
func (g *generator) readSlice(to *jen.Group, t *spec.Type, at place) {
	n, i := at.variable("n"), at.variable("i")
	to.If(jen.Id(n).Op(":=").Add(read("ArrayLen")), jen.Id(n).Op(">=").Lit(0)).BlockFunc(func(some *jen.Group) {
		some.Add(at.value()).Op("=").Qual(wirePath, "MakeSlice").Types(g.goType(t.Elem)).
			Call(jen.Id("r"), jen.Id(n))
		some.For(
			jen.Id(i).Op(":=").Lit(0), read("More", jen.Id(i), jen.Id(n)), jen.Id(i).Op("++"),
		).BlockFunc(func(body *jen.Group) { g.readElem(body, t, at, i) })
	})
}

func (g *generator) readElem(body *jen.Group, t *spec.Type, at place, i string) {
	grow := func(x jen.Code) {
		body.Add(at.value()).Op("=").Append(at.value(), x)
	}
	if x := g.scalar(t.Elem); x != nil {
		grow(x)
		return
	}
	if t.Elem.Kind == spec.Struct {
		grow(jen.Add(g.goType(t.Elem)).Values())
		g.readInto(body, t.Elem, at.elem(i))
		return
	}
	x := at.variable("x")
	body.Var().Id(x).Add(g.goType(t.Elem))
	g.readInto(body, t.Elem, at.local(x))
	grow(jen.Id(x))
}

// readArray wants exactly as many elements as there are.
//
//	if r.ArrayOf(3) {
//		for i := 0; r.More(i, 3); i++ {
//			v.Lines[i] = r.String()
//		}
//	}
func (g *generator) readArray(to *jen.Group, t *spec.Type, at place) {
	if t.Elem.Kind == spec.Uint8 {
		to.Add(read("ByteArray", plain(t, at.operand().Index(jen.Op(":")))))
		return
	}
	i := at.variable("i")
	to.If(read("ArrayOf", jen.Lit(int(t.Len)))).Block(
		jen.For(
			jen.Id(i).Op(":=").Lit(0), read("More", jen.Id(i), jen.Lit(int(t.Len))), jen.Id(i).Op("++"),
		).BlockFunc(func(body *jen.Group) { g.readInto(body, t.Elem, at.elem(i)) }),
	)
}

// readMap refuses a key that comes twice: the map did not grow.
//
//	if n := r.MapLen(); n >= 0 {
//		v.Stock = wire.MakeMap[string, int](r, n)
//		for i := range n {
//			k := r.String()
//			v.Stock[k] = r.Int()
//			if !r.Entry(k, i, len(v.Stock)) {
//				break
//			}
//		}
//	}
func (g *generator) readMap(to *jen.Group, t *spec.Type, at place) {
	n, i, k := at.variable("n"), at.variable("i"), at.variable("k")
	key := jen.Id(k)
	if t.Key.Path != "" {
		key = jen.Add(g.goType(t.Key)).Call(jen.Id(k))
	}
	entry := func(body *jen.Group) {
		body.Id(k).Op(":=").Add(read("String"))
		g.readEntry(body, t, at, at.operand().Index(key))
		body.If(jen.Op("!").Add(read("Entry", jen.Id(k), jen.Id(i), jen.Len(at.value())))).Block(jen.Break())
	}
	to.If(jen.Id(n).Op(":=").Add(read("MapLen")), jen.Id(n).Op(">=").Lit(0)).Block(
		at.value().Op("=").Qual(wirePath, "MakeMap").Types(g.goType(t.Key), g.goType(t.Elem)).
			Call(jen.Id("r"), jen.Id(n)),
		jen.For(jen.Id(i).Op(":=").Range().Id(n)).BlockFunc(entry),
	)
}

func (g *generator) readEntry(body *jen.Group, t *spec.Type, at place, entry *jen.Statement) {
	if x := g.scalar(t.Elem); x != nil {
		body.Add(entry).Op("=").Add(x)
		return
	}
	x := at.variable("x")
	body.Var().Id(x).Add(g.goType(t.Elem))
	g.readInto(body, t.Elem, at.local(x))
	body.Add(entry).Op("=").Id(x)
}
