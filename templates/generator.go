package templates

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// generator holds the state of one package while its file is written.
type generator struct {
	pkg     *model.Package
	structs []*object // events and states in source order, then the structs they hold as they are met
	objects map[string]*object
	needs   map[string]bool      // structs with rules, by key
	entered map[string]bool      // structs whose validator is called, by key
	nested  map[string]bool      // structs that others hold, by key
	inlined map[string]bool      // structs whose fields were collected, by key
	circles map[string]bool      // types that are made of themselves, by key
	others  map[*model.Type]bool // events of other packages that are left to their own methods
	bare    map[string]bool      // those that are so without a struct in between
	err     error                // the first one

	recursive map[string]bool     // types that are made of themselves on the wire, by key
	prints    map[string]uint64   // fingerprints of structs, by key
	filledBy  map[*object]filling // conditions that stand in functions

	// current is the object whose function is being written, scratch holds the variables that
	// stand at its top, and declared their names.
	current  *object
	scratch  *jen.Statement
	declared map[string]bool
}

// object is a type that gets a codec and a validator of its own: a struct, or a slice or a map
// that holds itself.
type object struct {
	typ   *model.Type
	event *model.Event // nil for a struct that is no event or state of this package
	name  string       // begins the names of what belongs to it
	// base begins the names of its functions; it is empty when they are methods, which
	// only a type that this file belongs to can have.
	base string
	keys string // the variable with the names of its fields
	// ownText says that its strings are copied each for itself.
	ownText bool
	// nests says that a value may stand in itself, fails that not every value can be written.
	nests, fails bool
	// loops says that a value may stand in itself, perhaps in a field that is not encoded:
	// rules see those, too.
	loops bool
	// shared says that its methods are exported, for other packages, and elsewhere that they stand in the file of
	// another package, which shares them.
	shared, elsewhere bool
}

func newGenerator(pkg *model.Package) *generator {
	g := &generator{pkg: pkg, objects: map[string]*object{}, needs: map[string]bool{}, entered: map[string]bool{}, nested: map[string]bool{}}
	g.inlined = map[string]bool{}
	g.others = map[*model.Type]bool{}
	g.recursive, g.prints = circularTypes(pkg.Encoded(), visitEncoded, false), map[string]uint64{}
	g.filledBy = map[*object]filling{}
	g.circles, g.bare = circularTypes(pkg.Encoded(), g.visitContents, false), circularTypes(pkg.Encoded(), g.visitContents, true)
	for _, e := range pkg.Coded() {
		g.add(&object{typ: e.Struct, event: e, name: g.prefixedName(e.Struct)})
	}
	for _, s := range pkg.Shared {
		g.add(&object{typ: s.Struct, name: g.prefixedName(s.Struct), shared: true})
	}
	for _, o := range g.structs {
		g.collectStructs(o)
	}
	g.judgeObjects()
	for _, e := range pkg.Coded() {
		g.objectEntry(e.Struct).ownText = g.ownText(e)
	}
	g.addValidated()
	return g
}

func (g *generator) add(o *object) {
	o.keys = g.uniqueName(o.name + "Keys")
	g.objects[typeKey(o.typ)] = o
	g.structs = append(g.structs, o)
}

// collectStructs adds the structs that an object holds, in field order.
func (g *generator) collectStructs(o *object) {
	for _, f := range o.typ.Fields {
		if !f.Skip {
			g.collectType(f.Type, f.Inline, o.name+f.Name)
		}
	}
}

// collectType adds a type and the types that it holds. An inlined struct needs no codec of its own. One without
// a name is called after the place where it was met first.
func (g *generator) collectType(t *model.Type, inline bool, place string) {
	switch t.Kind {
	case model.Struct:
		if g.isDelegated(t) && !inline {
			return
		}
		key := typeKey(t)
		g.nested[key] = g.nested[key] || !inline
		o, met := g.objects[key]
		if !met {
			o = g.addFunction(t, place)
		}
		// The fields of a struct that another file writes are met here when they stand in the outer one.
		if !o.elsewhere && !met || o.elsewhere && inline && !g.inlined[key] {
			g.inlined[key] = true
			g.collectStructs(o)
		}
	case model.Pointer, model.Slice, model.Array, model.Map:
		if g.holdsItself(t) {
			if g.objectEntry(t) != nil {
				return
			}
			g.addFunction(t, place)
			g.nested[typeKey(t)] = true
		}
		if t.Kind == model.Map {
			g.collectType(t.Key, false, place+"Key")
		}
		g.collectType(t.Elem, inline, place)
	}
}

// addFunction adds a type that gets functions. They are methods of a type that may have some here:
// one that is declared in this package, is no instance of a generic type and no pointer, and is
// not declared outside of the test files that this file belongs to.
// A shared struct of another package has methods there.
func (g *generator) addFunction(t *model.Type, place string) *object {
	o := &object{typ: t, name: g.prefixedName(t), elsewhere: t.SharedWith(g.pkg)}
	o.shared = o.elsewhere
	if t.Name == "" {
		o.name = place
	}
	if !o.elsewhere && (t.Name == "" || !g.mayHaveMethods(t) || t.Kind == model.Pointer) {
		o.base = g.uniqueName(o.name)
	}
	g.add(o)
	return o
}

// mayHaveMethods says whether a named type may have methods in this file.
func (g *generator) mayHaveMethods(t *model.Type) bool {
	return t.Path == g.pkg.Path && len(t.Args) == 0 && !g.pkg.Test
}

// objectEntry returns the struct's entry.
func (g *generator) objectEntry(t *model.Type) *object { return g.objects[typeKey(t)] }

// prefixedName is the name of a struct in the names of its functions and variables.
func (g *generator) prefixedName(t *model.Type) string {
	if g.mayHaveMethods(t) {
		return model.DescriptorName(t.Name)
	}
	base := model.GeneratedPrefix
	if g.pkg.Test {
		base += "Test"
	}
	if t.Path != g.pkg.Path {
		base += upperFirst(t.PkgName)
	}
	return base + plainName(t)
}

// plainName is how a type is called in a name.
func plainName(t *model.Type) string {
	switch {
	case t.Name != "":
		name := upperFirst(t.Name)
		for _, a := range t.Args {
			name += plainName(a)
		}
		return name
	case t.Kind == model.Map:
		return "Map" + plainName(t.Key) + plainName(t.Elem)
	case t.Elem != nil:
		return unnamedKinds[t.Kind] + plainName(t.Elem)
	}
	return unnamedKinds[t.Kind]
}

var unnamedKinds = map[model.Kind]string{
	model.Slice: "Slice", model.Bytes: "Slice", model.Array: "Array", model.Pointer: "Pointer",
	model.Struct: "Struct", model.Any: "Any",
}

// uniqueName appends a number to a name that is taken: two packages may have one name.
func (g *generator) uniqueName(base string) string {
	name := base
	for i := 2; g.isTaken(name); i++ {
		name = base + strconv.Itoa(i)
	}
	return name
}

// isTaken reports whether a name, or one that begins with it, has another meaning.
func (g *generator) isTaken(name string) bool {
	for _, o := range g.structs {
		if o.base == name || o.keys == name {
			return true
		}
	}
	for _, e := range g.pkg.Coded() {
		rest, ok := strings.CutPrefix(model.DescriptorName(e.GoName), name)
		if ok && (rest == "" || slices.Contains(model.FunctionSuffixes, rest)) {
			return true
		}
	}
	return false
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// keepError keeps the first error. Code emitted after it is thrown away.
func (g *generator) keepError(format string, args ...any) {
	if g.err == nil {
		g.err = fmt.Errorf(format, args...)
	}
}
