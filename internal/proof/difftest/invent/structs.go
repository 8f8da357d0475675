package invent

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// structDef is what a struct holds.
type structDef struct {
	fields  []*field
	names   map[string]bool // of fields in Go
	taken   map[string]bool // names on the wire, aliases too
	wires   []string        // those that embedding brings along
	keyFits bool            // it can be the key of a map
}

// field is a line of a struct.
type field struct {
	name     string // empty for an embedded one
	typ      *typ
	msgpack  string
	validate string
	also     string // a second name, for "A, B int"
}

func newDef() *structDef {
	return &structDef{names: map[string]bool{}, taken: map[string]bool{}, keyFits: true}
}

// structDecl declares one struct, or two that refer to each other.
func (g *gen) structDecl(p *pkg) {
	var shells []*typ
	for range 1 + g.IntN(2) {
		t := &typ{kind: reflect.Struct, pkg: p, name: g.declaredName(p), def: newDef()}
		shells = append(shells, t)
	}
	p.shells = append(p.shells, shells...)
	for _, t := range shells {
		g.fillStruct(p, t, g.IntN(5))
		p.types = append(p.types, t)
		shared := ""
		if !p.test && isExported(t.name) && g.IntN(3) == 0 {
			shared = "//necro:codec\n"
		}
		p.addDecl(func(f *file) string { return shared + "type " + t.name + " " + f.structType(t.def, "\n\t") })
		g.addMethods(p, t)
	}
}

// addMethods gives a struct a method that the codec asks for, or one without a use.
func (g *gen) addMethods(p *pkg, t *typ) {
	forms := []string{
		"func (x %s) IsZero() bool { return false }",
		"func (x *%s) IsZero() bool { return x == nil }",
		"func (%s) Hash() int { return 0 }",
	}
	if g.IntN(6) == 0 && !t.def.names["IsZero"] {
		form := pickOne(g, forms)
		p.addDecl(func(*file) string { return fmt.Sprintf(form, t.name) })
	}
}

// fillStruct adds n fields and embedded types to a struct.
func (g *gen) fillStruct(p *pkg, t *typ, n int) {
	d := t.def
	if g.IntN(4) == 0 {
		g.embedType(p, t)
	}
	for range n {
		g.addField(p, t)
	}
	switch g.IntN(10) {
	case 0:
		d.fields = append(d.fields, &field{name: "hidden", typ: pickOne(g, basics), msgpack: "-"})
		d.names["hidden"], d.keyFits = true, false
	case 1:
		d.fields = append(d.fields, &field{name: "_", typ: pickOne(g, basics)})
		d.keyFits = false
	case 2:
		if !d.names["_msgpack"] {
			g.addOptions(d)
		}
	}
	g.Shuffle(len(d.fields), func(i, j int) { d.fields[i], d.fields[j] = d.fields[j], d.fields[i] })
	g.moveOptions(d)
	for _, f := range d.fields {
		g.fieldRules(d, f)
	}
}

// moveOptions puts _msgpack first, where its options hold for all fields.
func (g *gen) moveOptions(d *structDef) {
	slices.SortStableFunc(d.fields, func(a, b *field) int {
		return strings.Compare(optionsMarker(a), optionsMarker(b))
	})
	d.wires = nil
	for _, f := range d.fields {
		d.wires = append(d.wires, f.wireNames()...)
	}
}

func optionsMarker(f *field) string {
	if f.name == "_msgpack" {
		return ""
	}
	return "x"
}

// wireNames returns the names that a field has on the wire.
func (f *field) wireNames() []string {
	name, options, _ := strings.Cut(f.msgpack, ",")
	switch {
	case name == "-" || f.name == "_" || f.name != "" && !isExported(f.name):
		return nil
	case f.isInlined():
		return f.typ.withoutPointers().def.wires
	case name == "":
		name = f.goName()
	}
	names := []string{strings.Trim(name, "'")}
	for option := range strings.SplitSeq(options, ",") {
		if old, ok := strings.CutPrefix(option, "alias:"); ok {
			names = append(names, old)
		}
	}
	if f.also != "" {
		names = append(names, f.also)
	}
	return names
}

func (f *field) isInlined() bool {
	return f.name == "" && f.typ.withoutPointers().def != nil && !strings.Contains(f.msgpack, "noinline")
}

func (f *field) goName() string {
	if f.name != "" {
		return f.name
	}
	return f.typ.withoutPointers().name
}

// addOptions adds the field that sets options for the whole struct.
func (g *gen) addOptions(d *structDef) {
	option := ",omitempty"
	if g.IntN(2) == 0 {
		option = pickOne(g, []string{",as_array", ",asArray", ",as_array,omitempty"})
	}
	d.fields = append(d.fields, &field{name: "_msgpack", typ: &typ{kind: reflect.Struct, def: newDef()}, msgpack: option})
	d.names["_msgpack"], d.keyFits = true, false
}

// addField adds a field with a name.
func (g *gen) addField(p *pkg, t *typ) {
	d := t.def
	f := &field{name: uniqueName(pickOne(g, fieldNames), d.names), typ: g.drawType(p, 0)}
	g.msgpackTag(d, f)
	if f.msgpack == "" && g.IntN(10) == 0 {
		f.also = uniqueName(pickOne(g, fieldNames), d.names)
		if !d.takeWireName(f.also) {
			f.also = ""
		}
	}
	d.fields = append(d.fields, f)
	t.incomparable = t.incomparable || f.typ.incomparable
	d.keyFits = d.keyFits && f.msgpack != "-" && f.typ.kind != reflect.Struct && f.typ.keyFits()
}

// takeWireName takes a name on the wire.
func (d *structDef) takeWireName(name string) bool {
	if d.taken[name] {
		return false
	}
	d.taken[name] = true
	return true
}

// msgpackTag draws name and options. A name that is taken is drawn again.
func (g *gen) msgpackTag(d *structDef, f *field) {
	if g.IntN(20) == 0 {
		f.msgpack = pickOne(g, []string{"-", "-,", "-,omitempty"})
		return
	}
	name := ""
	if g.IntN(3) > 0 || !d.takeWireName(f.name) {
		name = uniqueName(pickOne(g, wireNames), d.taken)
	}
	f.msgpack = name
	if name != "" && g.IntN(20) == 0 {
		f.msgpack = "'" + name + "'"
	}
	if g.IntN(4) == 0 {
		f.msgpack += pickOne(g, []string{",omitempty", ",omitempty", ", omitempty", ",omitempty,"})
	}
	if g.IntN(10) == 0 {
		f.msgpack += ",alias:" + uniqueName(pickOne(g, wireNames[:14]), d.taken)
	}
}

// embedType adds an embedded type, unless its names meet others.
func (g *gen) embedType(p *pkg, t *typ) {
	e := g.pickDeclared(p)
	if e == nil || e.name == "" || !e.isEmbeddable() || t.def.names[e.name] {
		return
	}
	f := &field{typ: e}
	if e.def != nil && isExported(e.name) && g.IntN(3) == 0 {
		f.typ = &typ{kind: reflect.Pointer, elem: e}
	}
	if e.def != nil {
		f.msgpack = pickOne(g, []string{"", "", "", "base", ",inline", ",omitempty"})
		if f.typ != e && f.msgpack == ",inline" { // the reference panics
			f.msgpack = ""
		}
		if g.IntN(5) == 0 {
			f.msgpack = pickOne(g, []string{",noinline", "base,noinline"})
		}
	}
	// By the name of an inlined struct the reference finds the struct, not a field of that name.
	names := f.wireNames()
	if f.isInlined() {
		own, _, _ := strings.Cut(f.msgpack, ",")
		names = append(slices.Clone(names), cmp.Or(own, e.name))
	}
	for _, name := range names {
		if !t.def.takeWireName(name) {
			return
		}
	}
	t.def.names[e.name] = true
	t.def.fields = append(t.def.fields, f)
	t.def.keyFits = false
	t.incomparable = t.incomparable || f.typ.incomparable
}

// isEmbeddable says whether a type can be embedded.
func (t *typ) isEmbeddable() bool {
	switch {
	case t.sort != plain || t.kind == reflect.Pointer || t.kind == reflect.Interface || t.std != "":
		return false
	case t.kind == reflect.Struct:
		return t.def != nil && t.def.names != nil
	}
	return isExported(t.name)
}

// anonymousStruct returns a struct without a name.
func (g *gen) anonymousStruct(p *pkg, depth int) *typ {
	t := &typ{kind: reflect.Struct, def: newDef()}
	for range g.IntN(3) {
		f := &field{name: uniqueName(pickOne(g, fieldNames), t.def.names), typ: g.drawType(p, depth+2)}
		g.msgpackTag(t.def, f)
		t.def.fields = append(t.def.fields, f)
		t.incomparable = t.incomparable || f.typ.incomparable
	}
	t.def.keyFits = false
	g.moveOptions(t.def)
	for _, f := range t.def.fields {
		g.fieldRules(t.def, f)
	}
	return t
}

// structType writes a struct, with the separator between its fields.
func (f *file) structType(d *structDef, sep string) string {
	if len(d.fields) == 0 {
		return "struct{}"
	}
	inline := sep == "; "
	lines := []string{}
	for _, field := range d.fields {
		line := f.writeField(field)
		if !inline {
			line = f.decorateLine(line)
		}
		lines = append(lines, line)
	}
	if inline {
		return "struct{ " + strings.Join(lines, sep) + " }"
	}
	return "struct {" + sep + strings.Join(lines, sep) + "\n}"
}

func (f *file) writeField(x *field) string {
	line := f.writeType(x.typ)
	if x.name != "" {
		names := x.name
		if x.also != "" {
			names += ", " + x.also
		}
		line = names + " " + line
	}
	if tag := f.writeTag(x); tag != "" {
		line += " " + tag
	}
	return line
}

// writeTag writes a struct tag, in either form of a Go string.
func (f *file) writeTag(x *field) string {
	g := f.pkg.gen
	var parts []string
	if x.msgpack != "" || x.typ.kind == reflect.Bool && g.IntN(9) == 0 {
		parts = append(parts, "msgpack:"+strconv.Quote(x.msgpack))
	}
	if x.validate != "" {
		parts = append(parts, "validate:"+strconv.Quote(x.validate))
	}
	if g.IntN(8) == 0 && x.also == "" && isExported(x.goName()) {
		parts = append(parts, "json:"+strconv.Quote(strings.ToLower(x.goName())))
	}
	if len(parts) == 0 {
		return ""
	}
	g.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	tag := strings.Join(parts, " ")
	if strings.Contains(tag, "`") || g.IntN(8) == 0 {
		return strconv.Quote(tag)
	}
	return "`" + tag + "`"
}

// decorateLine puts comments and empty lines around a field.
func (f *file) decorateLine(line string) string {
	switch f.pkg.gen.IntN(12) {
	case 0:
		return "// A comment.\n\t" + line
	case 1:
		return line + " // and another"
	case 2:
		return "\n\t" + line
	case 3:
		return fmt.Sprintf("/* %s */ %s", "ü", line)
	}
	return line
}
