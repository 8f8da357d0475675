package templates

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// generator holds what is known of one package while its file is written.
type generator struct {
	pkg     *spec.Package
	structs []*object // events in source order, then the structs they hold as they are met
	objects map[string]*object
	needs   map[string]bool // structs with rules, by key
	entered map[string]bool // structs whose validator is called, by key
	open    map[string]bool // structs that are being collected, by key
	nested  map[string]bool // structs that others hold, by key
	err     error           // the first one

	// scratch holds the variables that stand at the top of the function that is being
	// written, and declared their names.
	scratch  *jen.Statement
	declared map[string]bool
}

// object is a struct that gets a codec and a validator of its own.
type object struct {
	typ   *spec.Type
	event *spec.Event // nil for a struct that is no event of this package
	// base begins the names of its functions; it is empty when they are methods, which
	// only a type that this file belongs to can have.
	base string
	keys string // the variable with the names of its fields
	// ownText says that its strings are copied each for itself.
	ownText bool
}

func newGenerator(pkg *spec.Package) *generator {
	g := &generator{pkg: pkg, objects: map[string]*object{}, needs: map[string]bool{}, entered: map[string]bool{}, open: map[string]bool{}, nested: map[string]bool{}}
	for _, e := range pkg.Events {
		g.add(&object{typ: e.Struct, event: e}, typeKey(e.Struct))
	}
	for _, e := range pkg.Events {
		g.collect(e.Struct)
	}
	for _, e := range pkg.Events {
		g.object(e.Struct).ownText = g.ownText(e)
		g.visit(e.Struct, nil, g.entered, func(*spec.Type) {})
	}
	return g
}

func (g *generator) add(o *object, key string) {
	o.keys = g.unique(g.prefixed(o.typ) + "Keys")
	g.objects[key] = o
	g.structs = append(g.structs, o)
}

// collect adds the structs that a struct holds, in field order.
func (g *generator) collect(t *spec.Type) {
	g.open[typeKey(t)] = true
	defer delete(g.open, typeKey(t))
	for _, f := range t.Fields {
		if f.Skip {
			continue
		}
		g.collectType(f.Type, f.Inline)
	}
}

// collectType adds a struct and what it holds. An inlined one needs no codec of its own.
func (g *generator) collectType(t *spec.Type, inline bool) {
	switch t.Kind {
	case spec.Slice, spec.Array, spec.Map, spec.Pointer:
		g.collectType(t.Elem, false)
	case spec.Struct:
		key := typeKey(t)
		g.nested[key] = g.nested[key] || !inline
		if g.open[key] {
			g.fail("the recursive type %s is not supported", t.Desc)
		}
		if g.objects[key] == nil {
			g.add(&object{typ: t, base: g.base(t)}, key)
			g.collect(t)
		}
	}
}

// object returns the struct's entry.
func (g *generator) object(t *spec.Type) *object { return g.objects[typeKey(t)] }

// base returns how the functions of a struct begin that can't have methods: it belongs to
// another package, is an instance of a generic type, has no name, or is declared outside
// of the test files that this file belongs to.
func (g *generator) base(t *spec.Type) string {
	if t.Path == g.pkg.Path && t.Name != "" && len(t.Args) == 0 && !g.pkg.Test {
		return ""
	}
	return g.unique(g.prefixed(t))
}

// prefixed is the name of a struct in the names of its functions and variables.
func (g *generator) prefixed(t *spec.Type) string {
	if t.Path == g.pkg.Path && t.Name != "" && len(t.Args) == 0 && !g.pkg.Test {
		return spec.DescriptorName(t.Name)
	}
	base := spec.GeneratedPrefix
	if g.pkg.Test {
		base += "Test"
	}
	if t.Path != g.pkg.Path {
		base += upper(t.PkgName)
	}
	return base + plainName(t)
}

func plainName(t *spec.Type) string {
	name := upper(t.Name)
	if name == "" {
		name = "Struct"
	}
	for _, a := range t.Args {
		name += plainName(a)
	}
	return name
}

// unique appends a number to a name that is taken: two packages may have one name.
func (g *generator) unique(base string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(g.structs, func(o *object) bool {
			return o.base == name || o.keys == name
		}) || slices.ContainsFunc(g.pkg.Events, func(e *spec.Event) bool {
			return spec.DescriptorName(e.GoName) == name
		})
	}
	name := base
	for i := 2; taken(name); i++ {
		name = base + strconv.Itoa(i)
	}
	return name
}

// typeKey identifies a type: a named one by its name, so that the same type from two
// places is met once.
func typeKey(t *spec.Type) string {
	if t.Name == "" {
		return fmt.Sprintf("%p", t)
	}
	var b strings.Builder
	b.WriteString(t.Path + "." + t.Name)
	for _, a := range t.Args {
		b.WriteString("[" + typeKey(a) + "]")
	}
	return b.String()
}

func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// fail keeps the first error. What is emitted after it is thrown away.
func (g *generator) fail(format string, args ...any) {
	if g.err == nil {
		g.err = fmt.Errorf(format, args...)
	}
}
