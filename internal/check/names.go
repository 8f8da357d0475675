package check

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// names judges package-level names and methods that collide with generated ones.
func (c *checker) names(p *spec.Package) {
	if len(p.Events)+len(p.Organs) == 0 {
		return
	}
	generated := p.GeneratedNames()
	for _, name := range slices.Sorted(maps.Keys(p.Names)) {
		if _, found := slices.BinarySearch(generated, name); found || prefixed(name) {
			c.add(diag.New(diag.NameTaken, p.Names[name], name).WithHint("rename it"))
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(p.Methods)) {
		for _, name := range spec.StructMethods {
			if pos, taken := p.Methods[typ][name]; taken {
				c.add(diag.New(diag.MethodTaken, pos, typ, name))
			}
		}
	}
}

// prefixed says whether a name may be one that is generated for a struct of another package:
// which ones are depends on the whole shape of the events, so all of them are taken.
func prefixed(name string) bool {
	rest, ok := strings.CutPrefix(name, spec.GeneratedPrefix)
	return ok && rest != "" && (rest[0] == '_' || unicode.IsUpper(rune(rest[0])))
}
