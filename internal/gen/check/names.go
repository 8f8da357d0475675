package check

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// checkNames judges package-level names and methods that collide with generated ones.
func (c *checker) checkNames(p *model.Package) {
	if !p.Generates() {
		return
	}
	generated := p.GeneratedNames()
	for _, name := range slices.Sorted(maps.Keys(p.Names)) {
		if _, found := slices.BinarySearch(generated, name); found || hasGeneratedPrefix(name) {
			c.nameTaken(p, name, p.Names[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Apart)) {
		if _, found := slices.BinarySearch(generated, name); found {
			c.nameTaken(p, name, p.Apart[name])
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(p.Methods)) {
		for _, name := range model.StructMethods {
			if pos, taken := p.Methods[typ][name]; taken {
				c.addDiag(diag.New(diag.MethodTaken, pos, typ, name).WithHint("rename it"))
			}
		}
	}
}

// nameTaken reports a name, and says which generated code needs it.
func (c *checker) nameTaken(p *model.Package, name string, pos model.Pos) {
	out := diag.New(diag.NameTaken, pos, name)
	coded := p.Coded()
	i := slices.IndexFunc(coded, func(e *model.Event) bool { return model.DescriptorName(e.GoName) == name })
	switch {
	case i >= 0:
		e := coded[i]
		out = out.WithHint("rename it").WithRelated(e.Pos, "it is generated for %s", e.GoName)
	case hasGeneratedPrefix(name):
		out = out.WithHint("rename it: what begins with %s and a capital is generated", model.GeneratedPrefix)
	case model.Local(name):
		out = out.WithHint("rename it: generated code has a variable of that name")
	default:
		out = out.WithHint("rename it: generated code uses Go's own %s", name)
	}
	c.addDiag(out)
}

// hasGeneratedPrefix says whether a name may be one that is generated for a struct of another package:
// which ones are depends on the whole shape of the events, so all of them are taken.
func hasGeneratedPrefix(name string) bool {
	rest, ok := strings.CutPrefix(name, model.GeneratedPrefix)
	return ok && rest != "" && (rest[0] == '_' || unicode.IsUpper(rune(rest[0])))
}
