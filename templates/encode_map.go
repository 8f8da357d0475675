package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// appendMap writes the entries in key order.
func (g *generator) appendMap(to *jen.Group, t *model.Type, at place) {
	to.Add(assignAppended("AppendMapHeader", at.value()))
	if r, ok := keyRooms[sortedAs(t.Key)]; ok {
		g.appendSorted(to, t, at, r)
		return
	}
	g.appendEntries(to, t, at)
}

// keyRoom is how keys of a kind are sorted: by a function of package wire, into room of a type.
type keyRoom struct{ name, typ, sort, elem string }

// sortedAs is Int64, Uint64, Float64 or String for keys that are sorted by value.
func sortedAs(t *model.Type) model.Kind {
	switch k := t.Kind; {
	case k >= model.Int && k <= model.Int64 || k == model.Duration:
		return model.Int64
	case k >= model.Uint && k <= model.Uint64:
		return model.Uint64
	case k == model.Float32 || k == model.Float64:
		return model.Float64
	case k == model.String:
		return model.String
	}
	return model.Invalid
}

var keyRooms = map[model.Kind]keyRoom{
	model.String:  {"keys", "Keys", "Sort", "string"},
	model.Int64:   {"ints", "Ints", "SortNumbers", "int64"},
	model.Uint64:  {"uints", "Uints", "SortNumbers", "uint64"},
	model.Float64: {"floats", "Floats", "SortNumbers", "float64"},
}

// appendSorted sorts the keys by value.
//
//	var keys wire.Keys // once for all maps of the function
//	…
//	b = wire.AppendMapHeader(b, v.Stock)
//	for _, k := range wire.Sort(&keys, v.Stock) {
//		b = wire.AppendString(b, k)
//		b = wire.AppendInt(b, v.Stock[k])
//	}
//	keys.Free()
func (g *generator) appendSorted(to *jen.Group, t *model.Type, at place, r keyRoom) {
	k, keys := at.variable("k"), at.variable(r.name)
	g.declareOnce(keys, jen.Qual(wirePath, r.typ))
	sorted := jen.Qual(wirePath, r.sort).Call(jen.Op("&").Id(keys), at.value())
	to.For(jen.List(jen.Id("_"), jen.Id(k)).Op(":=").Range().Add(sorted)).BlockFunc(func(body *jen.Group) {
		if r.name == "floats" {
			g.checkKey(body, at, k)
		}
		b := basic[t.Key.Kind]
		if t.Key.Kind == model.Duration {
			b = basic[model.Int64]
		}
		body.Add(assignAppended("Append"+b.wire, convertedFrom(r.elem, b.goName, jen.Id(k))))
		g.appendEntry(body, t, at, at.operand().Index(g.mapKey(t.Key, r.elem, k)), k)
	})
	to.Id(keys).Dot("Free").Call()
}

// convertedFrom converts x of one basic type to another.
func convertedFrom(from, to string, x *jen.Statement) *jen.Statement {
	if from == to {
		return x
	}
	return jen.Id(to).Call(x)
}

// mapKey turns a sorted key into one of the map's type: Currency(k).
func (g *generator) mapKey(t *model.Type, from, k string) *jen.Statement {
	if t.Path == "" && t.Name == from {
		return jen.Id(k)
	}
	return jen.Add(g.goType(t)).Call(jen.Id(k))
}

// appendEntry writes the value of a key. One that is not simple gets a variable.
func (g *generator) appendEntry(to *jen.Group, t *model.Type, at place, entry *jen.Statement, k string) {
	at = at.in(k)
	if isScalar(t.Elem) {
		g.appendValue(to, t.Elem, place{expr: entry, depth: at.depth + 1, steps: at.steps})
		return
	}
	x := at.variable("x")
	to.Id(x).Op(":=").Add(entry)
	g.appendValue(to, t.Elem, at.local(x))
}

// isScalar says whether a value is written without taking its address.
func isScalar(t *model.Type) bool {
	_, ok := basic[t.Kind]
	return ok || t.Kind == model.Any || t.Kind == model.Error
}

// checkKey refuses a key that is not equal to itself.
//
//	if err = wire.CheckKey(k); err != nil {
//		return nil, wire.Under(err, "rates")
//	}
func (g *generator) checkKey(to *jen.Group, at place, k string) {
	g.declareOnce("err", jen.Error())
	to.If(jen.Err().Op("=").Qual(wirePath, "CheckKey").Call(jen.Id(k)), jen.Err().Op("!=").Nil()).
		Block(jen.Return(jen.Nil(), at.failed()))
}

// appendEntries writes the entries as they come, and sorts them by their encoded keys.
//
//	es = wire.OpenEntries(b)
//	for k, x := range v.Pairs {
//		b = wire.AppendBytes(b, k[:])
//		es.Key(b)
//		b = wire.AppendInt(b, x)
//		es.End(b)
//	}
//	if b, err = es.Sort(b); err != nil {
//		return nil, wire.Under(err, "pairs")
//	}
func (g *generator) appendEntries(to *jen.Group, t *model.Type, at place) {
	k, x, es := at.variable("k"), at.variable("x"), at.variable("es")
	g.declareOnce(es, jen.Op("*").Qual(wirePath, "Entries"))
	to.Id(es).Op("=").Qual(wirePath, "OpenEntries").Call(jen.Id("b"))
	to.For(jen.List(jen.Id(k), jen.Id(x)).Op(":=").Range().Add(at.value())).BlockFunc(func(body *jen.Group) {
		if mayBeNaN(t.Key) {
			g.checkKey(body, at, k)
		}
		g.appendValue(body, t.Key, at.in(k).local(k))
		body.Id(es).Dot("Key").Call(jen.Id("b"))
		g.appendValue(body, t.Elem, at.in(k).local(x))
		body.Id(es).Dot("End").Call(jen.Id("b"))
	})
	g.tryAppend(to, at, jen.Id(es).Dot("Sort").Call(jen.Id("b")))
}

// mayBeNaN says whether a value may not equal itself.
func mayBeNaN(t *model.Type) bool {
	return nil != t.Find((*model.Type).ByValue, func(t *model.Type) bool {
		return t.Kind == model.Float32 || t.Kind == model.Float64 || t.Kind == model.Foreign
	})
}
