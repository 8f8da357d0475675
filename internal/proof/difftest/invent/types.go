package invent

import (
	"fmt"
	"reflect"
	"strings"
)

// typ is a type as it is written, and what tags need to know of it.
type typ struct {
	kind reflect.Kind // of the underlying type
	sort sort         // where the kind does not say all

	pkg  *pkg   // where it is declared; nil for predeclared types, literals and those of std
	std  string // import path of the standard package, or of another module
	name string // empty for a literal
	args []*typ // of a generic one

	elem, key *typ
	length    int
	def       *structDef // of a struct that is declared here

	incomparable bool
	alias        bool // another name of a type
}

// sort tells apart types of one kind.
type sort int

const (
	plain    sort = iota
	timeSort      // time.Time
	duration      // time.Duration, also under another name
	foreign       // encodes itself
	dynamic       // any, error
)

// basics are the predeclared types, those that people use most several times.
var basics = []*typ{
	{kind: reflect.String, name: "string"}, {kind: reflect.String, name: "string"}, {kind: reflect.String, name: "string"},
	{kind: reflect.Int, name: "int"}, {kind: reflect.Int, name: "int"},
	{kind: reflect.Int8, name: "int8"}, {kind: reflect.Int16, name: "int16"},
	{kind: reflect.Int32, name: "int32"}, {kind: reflect.Int32, name: "rune"}, {kind: reflect.Int64, name: "int64"},
	{kind: reflect.Uint, name: "uint"}, {kind: reflect.Uint8, name: "uint8"}, {kind: reflect.Uint8, name: "byte"},
	{kind: reflect.Uint16, name: "uint16"}, {kind: reflect.Uint32, name: "uint32"}, {kind: reflect.Uint64, name: "uint64"},
	{kind: reflect.Float32, name: "float32"}, {kind: reflect.Float64, name: "float64"}, {kind: reflect.Float64, name: "float64"},
	{kind: reflect.Bool, name: "bool"},
}

var (
	stringType   = basics[0]
	byteType     = &typ{kind: reflect.Uint8, name: "byte"}
	timeType     = &typ{kind: reflect.Struct, sort: timeSort, std: "time", name: "Time"}
	durationType = &typ{kind: reflect.Int64, sort: duration, std: "time", name: "Duration"}
	anyType      = &typ{kind: reflect.Interface, sort: dynamic, name: "any"}
	errorType    = &typ{kind: reflect.Interface, sort: dynamic, name: "error"}
)

// foreigners are types of other modules. A type without exported fields is always left out by omitempty, and
// therefore refused by value.
var foreigners = []struct {
	typ    *typ
	opaque bool
}{
	{anyType, false},
	{errorType, false},
	{&typ{kind: reflect.Struct, sort: foreign, std: "math/big", name: "Int", incomparable: true}, true},
	{&typ{kind: reflect.Struct, sort: foreign, std: "net/netip", name: "Addr"}, true},
	{&typ{kind: reflect.Struct, sort: foreign, std: "net/url", name: "URL"}, false},
	{&typ{kind: reflect.Slice, std: "encoding/json", name: "RawMessage", elem: byteType, incomparable: true}, false},
	{&typ{kind: reflect.String, std: "encoding/json", name: "Number"}, false},
	{&typ{kind: reflect.Struct, std: "database/sql", name: "NullString"}, false},
}

// drawType returns a type for a field, an element or a map's value.
func (g *gen) drawType(p *pkg, depth int) *typ {
	if depth > 3 {
		return pickOne(g, basics)
	}
	switch g.IntN(22) {
	case 0, 1:
		return g.makeSlice(g.drawType(p, depth+1))
	case 2:
		return g.makeArray(g.drawType(p, depth+1))
	case 3, 4:
		return g.mapOf(g.mapKey(p), g.drawType(p, depth+1))
	case 5, 6:
		return g.makePointer(g.drawType(p, depth+1))
	case 7:
		return g.makeSlice(byteType)
	case 8:
		return timeType
	case 9:
		return durationType
	case 10, 11, 12, 13:
		if t := g.pickDeclared(p); t != nil {
			return t
		}
	case 14:
		return g.drawSpecial(p, depth)
	case 15:
		if t := g.instantiateGeneric(p, depth); t != nil {
			return t
		}
	}
	return pickOne(g, basics)
}

// drawSpecial returns a type that is rare.
func (g *gen) drawSpecial(p *pkg, depth int) *typ {
	if g.IntN(3) == 0 {
		return g.anonymousStruct(p, depth)
	}
	switch f := pickOne(g, foreigners); {
	case f.typ == anyType && p.isShadowed("any"):
		return timeType
	case f.opaque:
		return g.holdIncomplete(f.typ)
	default:
		return f.typ
	}
}

func (g *gen) makeSlice(elem *typ) *typ {
	return &typ{kind: reflect.Slice, elem: elem, incomparable: true}
}

func (g *gen) makeArray(elem *typ) *typ {
	return &typ{kind: reflect.Array, elem: elem, length: pickOne(g, []int{0, 1, 2, 3, 4, 16}), incomparable: elem.incomparable}
}

func (g *gen) mapOf(key, elem *typ) *typ {
	return &typ{kind: reflect.Map, key: key, elem: elem, incomparable: true}
}

func (g *gen) makePointer(elem *typ) *typ {
	return &typ{kind: reflect.Pointer, elem: elem}
}

// mapKey returns a type for the keys of a map.
func (g *gen) mapKey(p *pkg) *typ {
	if g.IntN(3) > 0 {
		return stringType
	}
	for range 4 {
		if t := g.drawType(p, 3); t.keyFits() {
			return t
		}
	}
	return stringType
}

// keyFits says whether a type can be the key of a map.
func (t *typ) keyFits() bool {
	switch {
	case t.incomparable || t.sort == foreign || t.sort == dynamic || t.kind == reflect.Pointer:
		return false
	case t.kind == reflect.Array:
		return t.elem.keyFits()
	case t.kind == reflect.Struct && t.sort != timeSort:
		return t.def != nil && t.def.keyFits
	}
	return true
}

// writeType returns the type as it stands in a file.
func (f *file) writeType(t *typ) string {
	switch {
	case t.name != "":
		return f.qualifyType(t)
	case t.kind == reflect.Slice:
		return "[]" + f.writeType(t.elem)
	case t.kind == reflect.Array:
		return fmt.Sprintf("[%d]%s", t.length, f.writeType(t.elem))
	case t.kind == reflect.Map:
		return "map[" + f.writeType(t.key) + "]" + f.writeType(t.elem)
	case t.kind == reflect.Pointer:
		return "*" + f.writeType(t.elem)
	}
	return f.structType(t.def, "; ")
}

func (f *file) qualifyType(t *typ) string {
	name := t.name
	switch {
	case t.std != "":
		name = f.qualifyName(t.std, stdName(t.std), name)
	case t.pkg != nil && t.pkg != f.pkg:
		name = f.qualifyName(t.pkg.path, t.pkg.name, name)
	}
	if len(t.args) == 0 {
		return name
	}
	var args []string
	for _, a := range t.args {
		args = append(args, f.writeType(a))
	}
	return name + "[" + strings.Join(args, ", ") + "]"
}

// withoutPointers goes through pointers, as rules do.
func (t *typ) withoutPointers() *typ {
	for t.kind == reflect.Pointer {
		t = t.elem
	}
	return t
}
