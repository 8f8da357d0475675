package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// when says whether a field with omitempty is written.
type when int

const (
	sometimes when = iota
	always
	never
)

// filled is the condition under which a field with omitempty is written, as the reference
// has it: an IsZero method decides; a struct is empty when all its fields are left out, an
// array when it has no elements.
func (g *generator) filled(t *spec.Type, at place) (*jen.Statement, when) {
	if cond := zeroMethod(t, at); cond != nil {
		return cond, sometimes
	}
	switch t.Kind {
	case spec.Bool:
		return at.value(), sometimes
	case spec.String:
		return at.value().Op("!=").Lit(""), sometimes
	case spec.Slice, spec.Map, spec.Bytes:
		return jen.Len(at.value()).Op("!=").Lit(0), sometimes
	case spec.Pointer:
		return at.value().Op("!=").Nil(), sometimes
	case spec.Array:
		if t.Len == 0 {
			return nil, never
		}
		return nil, always
	case spec.Struct:
		return g.filledStruct(t, at)
	}
	return at.value().Op("!=").Lit(0), sometimes
}

// zeroMethod asks the type's own IsZero, behind a check for nil where there can be one.
func zeroMethod(t *spec.Type, at place) *jen.Statement {
	asks := jen.Op("!").Add(at.get()).Dot("IsZero").Call()
	switch {
	case t.Kind == spec.Time:
		return asks
	case t.Kind == spec.Pointer && (t.Elem.Kind == spec.Time || t.Elem.IsZero || t.Elem.IsZeroPointer):
		return at.value().Op("!=").Nil().Op("&&").Add(asks)
	case !t.IsZero:
		return nil
	case t.Kind == spec.Slice || t.Kind == spec.Map || t.Kind == spec.Bytes:
		return at.value().Op("!=").Nil().Op("&&").Add(asks)
	}
	return asks
}

func (g *generator) filledStruct(t *spec.Type, at place) (*jen.Statement, when) {
	var cond *jen.Statement
	for _, f := range g.flatten(t) {
		if !f.OmitEmpty {
			return nil, always
		}
		one, w := g.filled(f.Type, at.field(f.path))
		switch {
		case w == always:
			return nil, always
		case w == sometimes && cond == nil:
			cond = one
		case w == sometimes:
			cond.Op("||").Add(one)
		}
	}
	if cond == nil {
		return nil, never
	}
	return cond, sometimes
}
