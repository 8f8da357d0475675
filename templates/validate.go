package templates

import (
	"reflect"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// validatorFunc writes the function that collects a struct's violations: field by field, then
// the cross-field rules.
//
//	func (v *OrderPlaced) necroValidate() (vs contract.Violations) {
//		if v.OrderID == "" {
//			vs.Add("order_id", "required", "", "is required")
//		} else if !rules.UUID(v.OrderID) {
//			vs.Add("order_id", "uuid", "", "must be a valid UUID")
//		}
//		vs.Check(v.totals())
//		return vs
//	}
//
// A struct that may stand in itself is given its depth: it may even do so without end.
//
//	if depth > wire.MaxDepth {
//		vs.TooDeep(wire.MaxDepth)
//		return vs
//	}
func (g *generator) validatorFunc(f *jen.File, o *object) {
	g.current = o
	var params []jen.Code
	if o.loops {
		params = append(params, jen.Id("depth").Int())
	}
	g.helperHeader(f, o, "Validate", params...).Params(jen.Id("vs").Add(contract("Violations"))).BlockFunc(func(body *jen.Group) {
		if o.loops {
			limit := jen.Qual(wirePath, "MaxDepth")
			body.If(jen.Id("depth").Op(">").Add(limit)).Block(
				jen.Id("vs").Dot("TooDeep").Call(limit.Clone()), jen.Return(jen.Id("vs")))
		}
		maps := 0
		for _, field := range o.typ.Fields {
			g.validateField(body, o.typ, field, &maps)
		}
		for _, c := range o.typ.Checks {
			body.Id("vs").Dot("Check").Call(jen.Id("v").Dot(c.Name).Call())
		}
		body.Return(jen.Id("vs"))
	})
	f.Line()
}

// validateField writes a field's rules. The fields of an inlined struct stand on the
// level of the outer one.
func (g *generator) validateField(body *jen.Group, parent *model.Type, f *model.Field, maps *int) {
	if !isValidated(f) {
		return
	}
	step := []string{f.Name}
	if f.Inline {
		if step = g.embeddedSelector(f); step == nil {
			g.keepError("%s: the rules of an embedded struct that %s can't name are not supported", f.Name, g.pkg.Name)
			return
		}
	}
	l := &level{g: g, parent: parent, path: jen.Lit(fieldPath(f)), maps: maps, inline: f.Inline}
	for _, s := range l.validateValue(f.Type, receiver().field(step), f.Rules).code() {
		body.Add(s)
	}
}

// fieldPath is what a violation says of where it is.
func fieldPath(f *model.Field) string {
	if f.Inline || f.Wire == "" {
		return f.Name
	}
	return f.Wire
}

// isIgnored reports whether the tag is validate:"-", with which a field is not entered.
func isIgnored(f *model.Field) bool { return reflect.StructTag(f.Tag).Get("validate") == "-" }

// hasValidation reports whether a struct or one of the values in it has anything to validate.
func (g *generator) hasValidation(t *model.Type) bool {
	key := typeKey(t)
	if needs, known := g.needs[key]; known {
		return needs
	}
	needs := false
	g.visitStructs(t, nil, map[string]bool{}, func(t *model.Type) {
		needs = needs || g.foreignEvent(t) || t.Shared && t.Kind == model.Struct || len(t.Checks) > 0 ||
			slices.ContainsFunc(t.Fields, func(f *model.Field) bool { return isValidated(f) && f.Rules != nil })
	})
	g.needs[key] = needs
	return needs
}

// visitStructs calls fn for every struct that the reference enters from a value with its rules:
// through pointers and nested structs, but into elements only with dive.
func (g *generator) visitStructs(t *model.Type, r *model.Rules, seen map[string]bool, fn func(*model.Type)) {
	t = t.Pointed()
	key := typeKey(t)
	switch {
	case r != nil && slices.ContainsFunc(r.List, func(one *model.Rule) bool { return ruleForm(one) == rule.Stop }):
	case r != nil && r.Dive != nil && t.Elem != nil:
		g.visitStructs(t.Elem, r.Dive, seen, fn)
	case rule.Of(t)&rule.Struct != 0 && !seen[key]:
		seen[key] = true
		fn(t)
		for _, f := range t.Fields {
			if isValidated(f) && !g.foreignEvent(t) && !t.SharedWith(g.pkg) {
				g.visitStructs(f.Type, f.Rules, seen, fn)
			}
		}
	}
}

// addValidated gives a validator to structs that have no codec: they encode themselves, or stand
// only in fields that are left out of the encoding.
func (g *generator) addValidated() {
	var found []*model.Type
	for _, root := range g.pkg.Encoded() {
		g.visitStructs(root, nil, g.entered, func(t *model.Type) { found = append(found, t) })
	}
	for _, t := range found {
		if g.objectEntry(t) == nil && g.entersStruct(t) && !g.foreignEvent(t) {
			g.addFunction(t, model.GeneratedPrefix+"Struct")
		}
	}
}

// isValidated reports whether the reference looks at a field at all.
func isValidated(f *model.Field) bool { return (f.Exported || f.Embedded) && !isIgnored(f) }

// entersStruct reports whether the struct's validator is called: an event of another package
// brings its own.
func (g *generator) entersStruct(t *model.Type) bool { return g.foreignEvent(t) || g.hasValidation(t) }

// foreignEvent reports whether the type is an event that is generated elsewhere, whose own
// rules only its Validate knows.
func (g *generator) foreignEvent(t *model.Type) bool {
	return t.Event != nil && t.Path != g.pkg.Path
}
