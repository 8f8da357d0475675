package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// validator writes the function that collects a struct's violations: field by field, then
// the cross-field rules.
//
//	func (v *OrderPlaced) necroValidate() (vs necro.Violations) {
//		if v.OrderID == "" {
//			vs.Add("order_id", "required", "", "is required")
//		} else if !rules.UUID(v.OrderID) {
//			vs.Add("order_id", "uuid", "", "must be a UUID")
//		}
//		vs.Check(v.totals())
//		return vs
//	}
func (g *generator) validator(f *jen.File, o *object) {
	g.header(f, o, "Validate").Params(jen.Id("vs").Add(necro("Violations"))).BlockFunc(func(body *jen.Group) {
		maps := 0
		for _, field := range o.typ.Fields {
			g.validateField(body, o.typ, field, &maps)
		}
		if o.event != nil {
			for _, c := range o.event.Checks {
				body.Id("vs").Dot("Check").Call(jen.Id("v").Dot(c.Name).Call())
			}
		}
		body.Return(jen.Id("vs"))
	})
	f.Line()
}

// validateField writes a field's rules. The fields of an inlined struct stand on the
// level of the outer one.
func (g *generator) validateField(body *jen.Group, parent *spec.Type, f *spec.Field, maps *int) {
	if !f.Exported && !f.Embedded || ignored(f.Rules) {
		return
	}
	step := []string{f.Name}
	if f.Inline {
		if step = g.step(f); step == nil {
			g.fail("%s: the rules of an embedded struct that %s can't name are not supported", f.Name, g.pkg.Name)
			return
		}
	}
	l := &level{g: g, parent: parent, path: jen.Lit(fieldPath(f)), maps: maps}
	for _, s := range l.value(f.Type, receiver().field(step), f.Rules) {
		body.Add(s)
	}
}

// fieldPath is what a violation says of where it is.
func fieldPath(f *spec.Field) string {
	switch {
	case f.Inline:
		return ""
	case f.Wire == "":
		return f.Name
	}
	return f.Wire
}

// ignored reports whether the tag is validate:"-", with which a field is not entered.
func ignored(r *spec.Rules) bool {
	return r != nil && len(r.List) == 1 && r.List[0].Name == "-"
}

// validates reports whether a struct has anything to validate, itself or in what it holds.
func (g *generator) validates(t *spec.Type) bool {
	key := typeKey(t)
	if needs, known := g.needs[key]; known {
		return needs
	}
	g.needs[key] = false // of a struct inside itself: the others decide
	needs := false
	if o := g.object(t); o != nil && o.event != nil && len(o.event.Checks) > 0 {
		needs = true
	}
	for _, f := range t.Fields {
		if (f.Exported || f.Embedded) && !ignored(f.Rules) && g.hasRules(f.Type, f.Rules) {
			needs = true
		}
	}
	g.needs[key] = needs
	return needs
}

// hasRules reports whether a value has rules of its own or is a struct that has.
func (g *generator) hasRules(t *spec.Type, r *spec.Rules) bool {
	if r != nil {
		return true
	}
	for t.Kind == spec.Pointer {
		t = t.Elem
	}
	return t.Kind == spec.Struct && g.enters(t)
}

// enters reports whether the struct's validator is called: an event of another package
// brings its own.
func (g *generator) enters(t *spec.Type) bool {
	return g.foreignEvent(t) || g.validates(t)
}

// foreignEvent reports whether the type is an event that is generated elsewhere, whose own
// rules only its Validate knows.
func (g *generator) foreignEvent(t *spec.Type) bool {
	return t.Event != nil && t.Path != g.pkg.Path
}
