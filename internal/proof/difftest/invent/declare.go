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
		g.marshaler(p)
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

// declared returns a declared type that the package can name, or nil.
func (g *gen) declared(p *pkg) *typ {
	if len(p.shells) > 0 && g.IntN(8) == 0 {
		return g.behind(pick(g, p.shells))
	}
	from := pick(g, p.visible())
	if len(from.types) == 0 {
		return nil
	}
	t := pick(g, from.types)
	if from != p && (!isExported(t.name) || t.hides(from, map[*typ]bool{}) && g.IntN(20) > 0) {
		return nil // some of those that hide another one are refused
	}
	return t
}

// hides says whether a type holds one that only its package can name.
func (t *typ) hides(p *pkg, seen map[*typ]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if t.pkg == p && !isExported(t.name) || t.elem.hides(p, seen) || t.key.hides(p, seen) {
		return true
	}
	for _, a := range t.args {
		if a.hides(p, seen) {
			return true
		}
	}
	if t.def != nil {
		for _, f := range t.def.fields {
			if f.typ.hides(p, seen) {
				return true
			}
		}
	}
	return false
}

// behind holds a struct that is not complete in a way that Go allows.
func (g *gen) behind(t *typ) *typ {
	switch g.IntN(3) {
	case 0:
		return g.slice(t)
	case 1:
		return g.mapOf(stringType, t)
	}
	return &typ{kind: reflect.Pointer, elem: t}
}

// namedType declares a type that is no struct.
func (g *gen) namedType(p *pkg) {
	under := g.value(p, 2)
	if under.kind == reflect.Pointer || under.kind == reflect.Struct || under.kind == reflect.Interface || under.sort == foreign {
		under = pick(g, basics)
	}
	t := *under
	t.pkg, t.std, t.args = p, "", nil
	if t.sort == duration {
		t.sort = plain // only time.Duration itself is one
	}
	t.name = g.declaredName(p)
	p.types = append(p.types, &t)
	p.add(func(f *file) string { return "type " + t.name + " " + f.write(under) })
	if g.IntN(5) == 0 && t.kind != reflect.Interface {
		recv := pick(g, []string{"%s", "*%s"})
		p.add(func(f *file) string {
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

// marshaler declares a type that encodes itself.
func (g *gen) marshaler(p *pkg) {
	t := &typ{kind: reflect.Struct, sort: foreign, pkg: p, name: g.declaredName(p)}
	p.types = append(p.types, t)
	methods := pick(g, marshalers)
	p.add(func(f *file) string {
		const path = "github.com/vmihailenco/msgpack/v5"
		args := []any{t.name}
		if strings.Contains(methods, "%[2]s") {
			args = append(args, f.qualified(path, "msgpack", "Encoder"), f.qualified(path, "msgpack", "Decoder"))
		}
		return fmt.Sprintf("type %[1]s struct{ N uint8 }\n", t.name) + fmt.Sprintf(methods, args...)
	})
}

// aliasType gives a second name to a type.
func (g *gen) aliasType(p *pkg) {
	of := g.value(p, 1)
	t := *of
	if of.kind == reflect.Struct && of.name == "" || len(of.args) > 0 {
		return
	}
	t.pkg, t.std, t.args, t.name = p, "", nil, g.declaredName(p)
	t.alias = true
	p.types = append(p.types, &t)
	p.add(func(f *file) string { return "type " + t.name + " = " + f.write(of) })
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
		gt.instance = func(a []*typ) *typ { return g.slice(a[0]) }
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
	if p.shadows("any") || p.shadows("comparable") {
		return
	}
	p.generics = append(p.generics, gt)
	p.add(func(*file) string { return fmt.Sprintf(text, gt.name) })
}

// instance returns an instance of a generic type that the package can name, or nil.
func (g *gen) instance(p *pkg, depth int) *typ {
	from := pick(g, p.visible())
	if len(from.generics) == 0 {
		return nil
	}
	gt := pick(g, from.generics)
	if from != p && !isExported(gt.name) {
		return nil
	}
	var args []*typ
	for i := range gt.params {
		a := g.value(p, depth+1)
		if i == 0 && gt.key {
			a = g.mapKey(p)
		}
		args = append(args, a)
	}
	t := gt.instance(args)
	t.pkg, t.name, t.args = from, gt.name, args
	return t
}
