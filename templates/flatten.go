package templates

import "github.com/necrostack/necrogen/internal/spec"

// flat is a field as it stands on the wire: a field of the struct, or one of an embedded
// struct that is inlined.
type flat struct {
	*spec.Field
	path []string // the selectors that lead to it
}

// flatten returns the fields of a struct in wire order, with those of inlined structs in
// the place of the embedding.
func (g *generator) flatten(t *spec.Type) []flat {
	var fields []flat
	for _, f := range t.Fields {
		switch {
		case f.Inline && f.Type.Kind == spec.Struct:
			for _, inner := range g.flatten(f.Type) {
				inner.path = append(g.step(f), inner.path...)
				fields = append(fields, inner)
			}
		case f.Inline:
			g.fail("%s: embedded %s is not supported", f.Name, f.Type.Desc)
		case !f.Skip:
			fields = append(fields, flat{Field: f, path: []string{f.Name}})
		}
	}
	return fields
}

// step is the selector of an embedded struct. Where this package can't name it, its fields
// are reached by promotion.
func (g *generator) step(f *spec.Field) []string {
	if f.Type.Path != g.pkg.Path && !exported(f.Name) {
		return nil
	}
	return []string{f.Name}
}
