package spec

import "slices"

// WireFields returns the fields of a struct as they stand on the wire: in source order, those of
// an inlined struct in the place of the embedding. A struct within itself is left out.
func (t *Type) WireFields() []*Field { return t.wireFields(nil) }

func (t *Type) wireFields(around []*Type) []*Field {
	if slices.Contains(around, t) {
		return nil
	}
	around = append(around, t)
	var fields []*Field
	for _, f := range t.Fields {
		switch inner := f.Type.Pointed(); {
		case f.Skip:
		case !f.Inline:
			fields = append(fields, f)
		case inner.Kind == Struct:
			fields = append(fields, inner.wireFields(around)...)
		}
	}
	return fields
}
