package templates

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// flat is a field as it stands on the wire: a field of the struct, or one of an embedded
// struct that is inlined.
type flat struct {
	*model.Field
	path []string // the selectors that lead to it
	// through are the embedded pointers on the way, which may be nil.
	through []embedded
}

// embedded is a pointer to an embedded struct.
type embedded struct {
	path []string
	typ  *model.Type // the pointer's
}

// wireFields returns the fields of a struct in wire order, with those of inlined structs in
// the place of the embedding.
func (g *generator) wireFields(t *model.Type) []flat {
	var fields []flat
	for _, f := range t.Fields {
		switch {
		case f.Inline:
			fields = append(fields, g.inlinedFields(f)...)
		case !f.Skip:
			fields = append(fields, flat{Field: f, path: []string{f.Name}})
		}
	}
	return fields
}

// inlinedFields returns the fields of an embedded struct, as they are seen from the outer one.
func (g *generator) inlinedFields(f *model.Field) []flat {
	step, inner := g.embeddedSelector(f), f.Type
	var through []embedded
	if inner.Kind == model.Pointer {
		through, inner = []embedded{{step, inner}}, inner.Elem
	}
	fields := g.wireFields(inner)
	for i := range fields {
		fields[i].path = slices.Concat(step, fields[i].path)
		for j, p := range fields[i].through {
			fields[i].through[j].path = slices.Concat(step, p.path)
		}
		fields[i].through = slices.Concat(through, fields[i].through)
	}
	return fields
}

// embeddedSelector is the selector of an embedded struct. Where this package can't name it, its fields
// are reached by promotion.
func (g *generator) embeddedSelector(f *model.Field) []string {
	if f.Path != g.pkg.Path && !exportedName(f.Name) {
		return nil
	}
	return []string{f.Name}
}

// pointerRun returns how many of the fields, from the first on, stand behind the same embedded pointer
// of that level; 0 when the first stands behind none.
func pointerRun(fields []flat, level int) int {
	if len(fields[0].through) <= level {
		return 0
	}
	first := fields[0].through[level].path
	for i, f := range fields {
		if len(f.through) <= level || !slices.Equal(f.through[level].path, first) {
			return i
		}
	}
	return len(fields)
}
