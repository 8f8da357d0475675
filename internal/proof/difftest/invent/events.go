package invent

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/rule"
)

// family is an event with its versions, the newest last.
type family struct {
	versions []*typ
	private  bool // no other package can name it
	handled  bool // by a handler for just this event
	emitted  bool
}

func (f *family) newestVersion() *typ { return f.versions[len(f.versions)-1] }

// declareEvents declares events, which later ones may hold.
func (g *gen) declareEvents(p *pkg) {
	for range 2 + g.IntN(6) {
		versions := 1
		if g.IntN(6) == 0 {
			versions = 2 + g.IntN(2)
		}
		g.declareFamily(p, versions)
	}
}

// declareFamily declares the versions of an event, and the upcasts between them.
func (g *gen) declareFamily(p *pkg, versions int) {
	fam := &family{}
	name := ""
	if versions > 1 || g.IntN(3) == 0 {
		name = g.eventName()
	}
	for v := range versions {
		exported := g.IntN(6) > 0
		t := &typ{kind: reflect.Struct, pkg: p, name: g.typeName(p, exported), def: newDef()}
		own := name
		if own == "" && !exported {
			own = g.eventName() // the default would meet that of another package
		}
		g.declareEvent(p, fam, t, own, v+1)
		fam.private = fam.private || !exported
		fam.versions = append(fam.versions, t)
		if v > 0 {
			g.declareUpcast(p, fam.versions[v-1], t)
		}
	}
	p.families = append(p.families, fam)
}

// eventName invents a name that is unique in the module.
func (g *gen) eventName() string {
	g.count++
	return fmt.Sprintf(pickOne(g, []string{"EVENT_%d_%d", "shop.Event-%d.%d", "e%d_%d", "E%dx%d"}), g.world.index, g.count)
}

// declareEvent declares one version.
func (g *gen) declareEvent(p *pkg, fam *family, t *typ, name string, version int) {
	p.shells = append(p.shells, t)
	g.fillStruct(p, t, g.IntN(8))
	p.types = append(p.types, t)
	p.addDecl(func(f *file) string { return f.eventDecl(t, g.eventDirective(fam, t, name, version)) })
	for range g.IntN(8) / 6 {
		g.declareCheck(p, t)
	}
}

// eventDirective is written when all is known: an event that is emitted and not handled is an
// output.
func (g *gen) eventDirective(fam *family, t *typ, name string, version int) string {
	var args []string
	if version > 1 || g.IntN(10) == 0 {
		args = append(args, fmt.Sprintf("version=%d", version))
	}
	if key := g.pickKey(t.def); key != "" && g.IntN(2) == 0 {
		args = append(args, "key="+key)
	}
	if fam.emitted && !fam.handled && t == fam.newestVersion() || g.IntN(8) == 0 {
		args = append(args, "output")
	}
	if g.IntN(8) == 0 {
		args = append(args, "alias="+g.eventName())
	}
	g.Shuffle(len(args), func(i, j int) { args[i], args[j] = args[j], args[i] })
	if name != "" {
		args = append([]string{name}, args...)
	}
	return g.writeDirective("event", args)
}

// writeDirective writes a directive, with any blanks between its words.
func (g *gen) writeDirective(verb string, args []string) string {
	line := "//necro:" + verb
	for _, a := range args {
		line += pickOne(g, []string{" ", " ", " ", "  ", "\t"}) + a
	}
	return line + pickOne(g, []string{"", "", "", " "})
}

// pickKey returns a field that can group events.
func (g *gen) pickKey(d *structDef) string {
	for _, f := range d.fields {
		name, _, _ := strings.Cut(f.msgpack, ",")
		if f.name == "" || !isExported(f.name) || name == "-" || f.typ.sort != plain {
			continue
		}
		if f.typ.isKind(rule.Text|rule.Int|rule.Uint) || f.typ.kind == reflect.Array && f.typ.elem.kind == reflect.Uint8 && f.typ.elem.sort == plain {
			return f.name
		}
	}
	return ""
}

// eventDecl writes the declaration in one of the forms that Go has.
func (f *file) eventDecl(t *typ, directive string) string {
	body := t.name + " " + f.structType(t.def, "\n\t")
	switch f.pkg.gen.IntN(6) {
	case 0:
		return "type (\n\t" + directive + "\n\t" + body + "\n)"
	case 1:
		return "// " + t.name + " is one.\n//\n" + directive + "\n//\n// And more.\ntype " + body
	case 2:
		return directive + "\n// " + t.name + " is one.\ntype " + body
	}
	return "// " + t.name + " is one.\n//\n" + directive + "\ntype " + body
}

// declareCheck declares a cross-field rule.
func (g *gen) declareCheck(p *pkg, t *typ) {
	g.count++
	name := fmt.Sprintf(pickOne(g, []string{"check%d", "Sums%d"}), g.count)
	recv := pickOne(g, []string{"(e *%s)", "(e %s)", "(*%s)", "(_ %s)"})
	directive := g.writeDirective("check", nil)
	p.addDecl(func(*file) string {
		return fmt.Sprintf("%s\nfunc "+recv+" %s() error { return nil }", directive, t.name, name)
	})
}

// declareUpcast declares the function between two versions.
func (g *gen) declareUpcast(p *pkg, from, to *typ) {
	g.count++
	name := fmt.Sprintf(pickOne(g, []string{"upcast%d", "Raise%d"}), g.count)
	directive := g.writeDirective("upcast", nil)
	body := pickOne(g, []string{
		"func %[1]s(old %[2]s) (%[3]s, error) { return %[3]s{}, nil }",
		"func %[1]s(%[2]s) (e %[3]s, err error) { return }",
	})
	p.addDecl(func(*file) string { return directive + "\n" + fmt.Sprintf(body, name, from.name, to.name) })
}

// writeRegister writes the function that lists what a package declares, and what its handlers emit.
func (p *pkg) writeRegister(f *file, name string) string {
	var events, organs, emits []string
	for _, fam := range p.families {
		for _, t := range fam.versions {
			events = append(events, "new("+t.name+")")
		}
	}
	for _, o := range p.organs {
		organs = append(organs, "new("+o.name+")")
		for _, method := range slices.Sorted(maps.Keys(o.emitted)) {
			key := "*" + p.name + "." + o.name + "." + method
			emits = append(emits, fmt.Sprintf("\n\t\t%q: %s,", key, strings.TrimPrefix(fmt.Sprintf("%#v", o.emitted[method]), "[]string")))
		}
	}
	return fmt.Sprintf("func %s() ([]%s, []%s, map[string][]string) {\n"+
		"\treturn []%[2]s{%[4]s}, []%[3]s{%[5]s}, map[string][]string{%[6]s\n\t}\n}", name,
		f.qualifyName(necroPath, "necro", "Event"), f.qualifyName(necroPath, "necro", "Organ"),
		strings.Join(events, ", "), strings.Join(organs, ", "), strings.Join(emits, ""))
}
