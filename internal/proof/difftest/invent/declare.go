package invent

import (
	"fmt"
	"reflect"
	"strings"
)

// declareTypes declares the types that are no events: named types, structs, generics, and types with methods. A
// struct may hold those before it by value, and every one by pointer.
func (g *gen) declareTypes(p *pkg) {
	for range g.IntN(4) {
		g.namedType(p)
	}
	if g.IntN(3) == 0 {
		g.declareMarshaler(p)
	}
	if g.IntN(2) == 0 {
		g.genericType(p)
	}
	for range 1 + g.IntN(3) {
		g.structDecl(p)
	}
	if g.IntN(3) == 0 {
		g.aliasType(p)
	}
}

// pickDeclared returns a declared type that the package can name, or nil.
func (g *gen) pickDeclared(p *pkg) *typ {
	if len(p.shells) > 0 && g.IntN(8) == 0 {
		return g.holdIncomplete(pickOne(g, p.shells))
	}
	from := pickOne(g, p.visiblePackages())
	if len(from.types) == 0 {
		return nil
	}
	t := pickOne(g, from.types)
	if from != p && (!isExported(t.name) || t.hidesType(from, map[*typ]bool{}) && g.IntN(20) > 0) {
		return nil // some of those that hide another one are refused
	}
	return t
}

// hidesType says whether a type holds one that only its package can name.
func (t *typ) hidesType(p *pkg, seen map[*typ]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if t.pkg == p && !isExported(t.name) || t.elem.hidesType(p, seen) || t.key.hidesType(p, seen) {
		return true
	}
	for _, a := range t.args {
		if a.hidesType(p, seen) {
			return true
		}
	}
	if t.def != nil {
		for _, f := range t.def.fields {
			if f.typ.hidesType(p, seen) {
				return true
			}
		}
	}
	return false
}

// holdIncomplete holds a struct that is not complete in a way that Go allows.
func (g *gen) holdIncomplete(t *typ) *typ {
	switch g.IntN(3) {
	case 0:
		return g.makeSlice(t)
	case 1:
		return g.mapOf(stringType, t)
	}
	return &typ{kind: reflect.Pointer, elem: t}
}

// namedType declares a type that is no struct.
func (g *gen) namedType(p *pkg) {
	under := g.drawType(p, 2)
	if under.kind == reflect.Pointer || under.kind == reflect.Struct || under.kind == reflect.Interface || under.sort == foreign {
		under = pickOne(g, basics)
	}
	t := *under
	t.pkg, t.std, t.args = p, "", nil
	if t.sort == duration {
		t.sort = plain // only time.Duration itself is one
	}
	t.name = g.declaredName(p)
	p.types = append(p.types, &t)
	p.addDecl(func(f *file) string { return "type " + t.name + " " + f.writeType(under) })
	if g.IntN(5) == 0 && t.kind != reflect.Interface {
		recv := pickOne(g, []string{"%s", "*%s"})
		p.addDecl(func(f *file) string {
			return fmt.Sprintf("func (x "+recv+") IsZero() bool { return false }", t.name)
		})
	}
}

// declaredName is exported more often than not, and sometimes one that other packages have, too.
func (g *gen) declaredName(p *pkg) string {
	if g.IntN(4) == 0 {
		return g.plainName(p)
	}
	return g.typeName(p, g.IntN(3) > 0)
}

// marshalers are the methods of types that encode themselves: %[1]s is the type, and %[2]s and
// %[3]s are the encoder and decoder of the reference.
var marshalers = []string{`
func (x %[1]s) MarshalText() ([]byte, error) { return []byte{byte('a' + x.N&15)}, nil }
func (x *%[1]s) UnmarshalText(b []byte) error { x.N = b[0] - 'a'; return nil }`, `
func (x *%[1]s) MarshalText() ([]byte, error) { return []byte{byte('a' + x.N&15)}, nil }
func (x *%[1]s) UnmarshalText(b []byte) error { x.N = b[0] - 'a'; return nil }`, `
func (x %[1]s) MarshalBinary() ([]byte, error) { return []byte{x.N}, nil }
func (x *%[1]s) UnmarshalBinary(b []byte) error { x.N = b[0]; return nil }`, `
func (x %[1]s) EncodeMsgpack(e *%[2]s) error { return e.EncodeUint8(x.N) }
func (x *%[1]s) DecodeMsgpack(d *%[3]s) (err error) { x.N, err = d.DecodeUint8(); return err }`,
}

// declareMarshaler declares a type that encodes itself.
func (g *gen) declareMarshaler(p *pkg) {
	t := &typ{kind: reflect.Struct, sort: foreign, pkg: p, name: g.declaredName(p)}
	p.types = append(p.types, t)
	methods := pickOne(g, marshalers)
	p.addDecl(func(f *file) string {
		const path = "github.com/vmihailenco/msgpack/v5"
		args := []any{t.name}
		if strings.Contains(methods, "%[2]s") {
			args = append(args, f.qualifyName(path, "msgpack", "Encoder"), f.qualifyName(path, "msgpack", "Decoder"))
		}
		return fmt.Sprintf("type %[1]s struct{ N uint8 }\n", t.name) + fmt.Sprintf(methods, args...)
	})
}

// aliasType gives a second name to a type.
func (g *gen) aliasType(p *pkg) {
	of := g.drawType(p, 1)
	t := *of
	if of.kind == reflect.Struct && of.name == "" || len(of.args) > 0 {
		return
	}
	t.pkg, t.std, t.args, t.name = p, "", nil, g.declaredName(p)
	t.alias = true
	p.types = append(p.types, &t)
	p.addDecl(func(f *file) string { return "type " + t.name + " = " + f.writeType(of) })
}

// generic is a type with parameters.
type generic struct {
	pkg      *pkg
	name     string
	instance func(args []*typ) *typ
	params   int
	key      bool // the first parameter is comparable
}

// genericType declares a struct, a slice or a map with type parameters.
func (g *gen) genericType(p *pkg) {
	gt := &generic{pkg: p, name: g.declaredName(p), params: 1}
	var text string
	switch g.IntN(4) {
	case 0:
		text = "type %s[T any] []T"
		gt.instance = func(a []*typ) *typ { return g.makeSlice(a[0]) }
	case 1:
		text = "type %s[K comparable, V any] map[K]V"
		gt.params, gt.key = 2, true
		gt.instance = func(a []*typ) *typ { return g.mapOf(a[0], a[1]) }
	case 2:
		text = "type %s[T any] struct {\n\tV T `msgpack:\"v\"`\n\tList []T\n\tN int `validate:\"min=1\"`\n}"
		gt.instance = func(a []*typ) *typ {
			return &typ{kind: reflect.Struct, incomparable: true, def: &structDef{wires: []string{"v", "List", "N"}}}
		}
	default:
		text = "type %s[A, B any] struct {\n\tFirst A `msgpack:\"first,omitempty\"`\n\tSecond *B\n}"
		gt.params = 2
		gt.instance = func(a []*typ) *typ {
			return &typ{kind: reflect.Struct, incomparable: a[0].incomparable, def: &structDef{wires: []string{"first", "Second"}}}
		}
	}
	if p.isShadowed("any") || p.isShadowed("comparable") {
		return
	}
	p.generics = append(p.generics, gt)
	p.addDecl(func(*file) string { return fmt.Sprintf(text, gt.name) })
}

// instantiateGeneric returns an instance of a generic type that the package can name, or nil.
func (g *gen) instantiateGeneric(p *pkg, depth int) *typ {
	from := pickOne(g, p.visiblePackages())
	if len(from.generics) == 0 {
		return nil
	}
	gt := pickOne(g, from.generics)
	if from != p && !isExported(gt.name) {
		return nil
	}
	var args []*typ
	for i := range gt.params {
		a := g.drawType(p, depth+1)
		if i == 0 && gt.key {
			a = g.mapKey(p)
		}
		args = append(args, a)
	}
	t := gt.instance(args)
	t.pkg, t.name, t.args = from, gt.name, args
	return t
}
