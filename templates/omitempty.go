package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// when says whether a field with omitempty is written.
type when int

const (
	sometimes when = iota
	always
	never
)

// filling is the condition under which a struct is written, for a receiver.
type filling struct {
	cond *jen.Statement
	when when
}

// isFilled is the condition under which a field with omitempty is written, as the reference
// has it: an IsZero method decides; a struct is empty when all its fields are left out, an
// array when it has no elements.
func (g *generator) isFilled(t *model.Type, at place) (*jen.Statement, when) {
	if cond := zeroMethod(t, at); cond != nil {
		return cond, sometimes
	}
	switch t.Kind {
	case model.Any, model.Error:
		return jen.Op("!").Qual(foreignPath, "Empty").Call(at.value()), sometimes
	}
	switch t.Under() {
	case model.Bool:
		return convertTo(t, "bool", at.value()), sometimes
	case model.String:
		return at.value().Op("!=").Lit(""), sometimes
	case model.Slice, model.Map:
		return jen.Len(at.value()).Op("!=").Lit(0), sometimes
	case model.Pointer:
		return at.value().Op("!=").Nil(), sometimes
	case model.Array:
		if t.Len == 0 {
			return nil, never
		}
		return nil, always
	case model.Struct:
		return g.filledStruct(t, at)
	case model.Other:
		return nil, always
	}
	return at.value().Op("!=").Lit(0), sometimes
}

// zeroMethod asks the type's own IsZero, behind a check for nil where there can be one.
func zeroMethod(t *model.Type, at place) *jen.Statement {
	asks := jen.Op("!").Add(at.get()).Dot("IsZero").Call()
	switch {
	case t.Kind == model.Time:
		return asks
	case t.Kind == model.Pointer && t.Name == "" && (t.Elem.Kind == model.Time || t.Elem.IsZero || t.Elem.IsZeroPointer):
		return at.value().Op("!=").Nil().Op("&&").Add(asks)
	case !t.IsZero:
		return nil
	case t.Under() == model.Slice || t.Under() == model.Map:
		return at.value().Op("!=").Nil().Op("&&").Add(asks)
	}
	return asks
}

// filledStruct is true when one of the fields is written. A struct without omitempty writes all
// that it has; with it, those behind an embedded pointer that is nil are left out, too. One inside of
// another one is asked by a function, because its condition would otherwise stand in that of every
// struct around it.
//
//	v.Base.Note != "" || v.Base.Place.necroFilled()
func (g *generator) filledStruct(t *model.Type, at place) (*jen.Statement, when) {
	fields := g.wireFields(t)
	switch {
	case len(fields) == 0:
		return nil, never
	case !mayOmitFields(fields):
		return nil, always
	case g.isDelegated(t):
		g.keepError("%s: omitempty asks for fields that are out of reach", t.Desc)
	}
	var conds []*jen.Statement
	for _, f := range fields {
		var one *jen.Statement
		w := always
		if f.OmitEmpty {
			one, w = g.filledInside(f.Type, at.field(f.path))
		}
		switch {
		case w == never:
		case len(f.through) > 0:
			conds = append(conds, behindPointers(f, at, one))
		case w == always:
			return nil, always
		default:
			conds = append(conds, one)
		}
	}
	if len(conds) == 0 {
		return nil, never
	}
	return anyOnce(conds), sometimes
}

// filledInside is filled for a field of a struct whose own condition is being written.
func (g *generator) filledInside(t *model.Type, at place) (*jen.Statement, when) {
	o := g.objectOf(t)
	if o == nil || o.elsewhere || t.IsZero || o.typ.Kind != model.Struct {
		return g.isFilled(t, at)
	}
	filled, known := g.filledBy[o]
	if !known {
		filled.cond, filled.when = g.filledStruct(t, receiver())
		g.filledBy[o] = filled
	}
	if filled.when != sometimes {
		return nil, filled.when
	}
	return o.call("Filled", at), sometimes
}

// filledFuncs writes the functions that conditions call.
//
//	func (v *Place) necroFilled() bool { return v.City != "" }
func (g *generator) filledFuncs(f *jen.File) {
	for _, o := range g.structs {
		if filled := g.filledBy[o]; filled.cond != nil {
			g.helperHeader(f, o, "Filled").Bool().Block(jen.Return(filled.cond))
			f.Line()
		}
	}
}

// anyOnce joins conditions with ||, each once: two fields may stand behind one pointer.
func anyOnce(conds []*jen.Statement) *jen.Statement {
	cond, seen := conds[0], map[string]bool{conds[0].GoString(): true}
	for _, c := range conds[1:] {
		if code := c.GoString(); !seen[code] {
			seen[code] = true
			cond.Op("||").Add(c)
		}
	}
	return cond
}

// behindPointers is a condition on a field that stands behind embedded pointers: v.Base != nil && ….
func behindPointers(f flat, at place, cond *jen.Statement) *jen.Statement {
	var all *jen.Statement
	for _, p := range f.through {
		isThere := at.field(p.path).value().Op("!=").Nil()
		if all == nil {
			all = isThere
		} else {
			all.Op("&&").Add(isThere)
		}
	}
	if cond != nil {
		all.Op("&&").Add(cond)
	}
	return all
}
