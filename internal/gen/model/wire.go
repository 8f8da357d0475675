package model

import "slices"

// WireFields returns the fields of a struct as they stand on the wire: in source order, those of
// an inlined struct in the place of the embedding. A struct within itself is left out.
func (t *Type) WireFields() []*Field {
	var fields []*Field
	for _, way := range t.WireWays() {
		fields = append(fields, way[len(way)-1])
	}
	return fields
}

// WireWays returns for each of WireFields the way that leads to it: the embedded fields in front
// of it, and the field itself last. A struct that is embedded on two ways has each of its fields
// on the wire twice, so a field alone does not tell which of them is meant.
func (t *Type) WireWays() [][]*Field { return t.wireWays(nil, nil) }

func (t *Type) wireWays(before []*Field, around []*Type) [][]*Field {
	if slices.Contains(around, t) {
		return nil
	}
	around = append(around, t)
	var ways [][]*Field
	for _, f := range t.Fields {
		way := append(slices.Clip(before), f)
		switch inner := f.Type.Pointed(); {
		case f.Skip:
		case !f.Inline:
			ways = append(ways, way)
		case inner.Kind == Struct:
			ways = append(ways, inner.wireWays(way, around)...)
		}
	}
	return ways
}
