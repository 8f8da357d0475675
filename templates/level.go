package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// level writes the rules of one value. Its order is the reference's: pointers first, then
// rule by rule until one fails, then dive or, for a struct, its fields.
type level struct {
	g      *generator
	parent *spec.Type // the struct that the field stands in, for cross-field rules
	path   *jen.Statement
	looped bool // inside of a dive
	inline bool // an embedded struct, whose fields stand on the level of the outer ones
	maps   *int // how many maps the function has gone through
}

// value returns the statements for a value with its rules.
func (l *level) value(t *spec.Type, at place, r *spec.Rules) []jen.Code {
	rules := ruleList(r)
	if t.Kind == spec.Pointer {
		return l.pointer(t, at, r, rules)
	}
	if t.Kind == spec.Struct && len(rules) > 0 && rules[0].Name == "required" {
		rules = rules[1:] // the reference lets a struct always be present
	}
	return l.chain(t, at, r, rules, false)
}

func ruleList(r *spec.Rules) []*spec.Rule {
	if r == nil {
		return nil
	}
	return r.List
}

// pointer checks a chain of pointers for nil, which breaks the first rule unless that is
// omitempty, and goes on with what it points to.
func (l *level) pointer(t *spec.Type, at place, r *spec.Rules, rules []*spec.Rule) []jen.Code {
	isNil, notNil := at.value().Op("==").Nil(), at.value().Op("!=").Nil()
	at, t = at.deref(), t.Elem
	for ; t.Kind == spec.Pointer; t = t.Elem {
		isNil.Op("||").Add(at.value()).Op("==").Nil()
		notNil.Op("&&").Add(at.value()).Op("!=").Nil()
		at = at.deref()
	}
	bad := l.nilViolation(r, rules)
	if t.Kind == spec.Struct && len(rules) > 0 && rules[0].Name == "required" {
		rules = rules[1:]
	}
	rest := l.chain(t, at, r, rules, true)
	switch {
	case bad == nil && len(rest) == 0:
		return nil
	case bad == nil:
		return []jen.Code{ifStmt{jen.If(notNil).Block(rest...)}}
	}
	return []jen.Code{orElse(jen.If(isNil).Block(bad), rest)}
}

// nilViolation is what a nil pointer breaks: its first rule, or nothing.
func (l *level) nilViolation(r *spec.Rules, rules []*spec.Rule) jen.Code {
	switch {
	case len(rules) > 0 && rules[0].Name == "omitempty":
		return nil
	case len(rules) > 0:
		return l.add(rules[0], "is required")
	case r != nil && r.Dive != nil:
		return l.add(&spec.Rule{Name: "dive"}, "is required")
	}
	return nil
}

// chain writes the rules in order; each is the else of the one before.
func (l *level) chain(t *spec.Type, at place, r *spec.Rules, rules []*spec.Rule, pointed bool) []jen.Code {
	if len(rules) == 0 {
		return l.inside(t, at, r)
	}
	rule, rest := rules[0], func() []jen.Code { return l.chain(t, at, r, rules[1:], pointed) }
	if rule.Name == "omitempty" {
		return l.omitEmpty(t, at, rest(), pointed)
	}
	c := l.rule(rule, t, at, pointed)
	switch {
	case c.never:
		return rest()
	case c.broken == nil:
		return []jen.Code{l.add(rule, c.message)}
	}
	return []jen.Code{orElse(jen.If(c.broken).Block(l.add(rule, c.message)), rest())}
}

// omitEmpty skips the rest for a value that is not there.
func (l *level) omitEmpty(t *spec.Type, at place, rest []jen.Code, pointed bool) []jen.Code {
	there := l.g.present(t, at, pointed)
	if len(rest) == 0 || there == nil {
		return rest
	}
	return []jen.Code{ifStmt{jen.If(there).Block(rest...)}}
}

// ifStmt is an if statement, which can follow an else.
type ifStmt struct{ *jen.Statement }

// orElse joins an if statement with what follows when its condition is false, without a
// block of its own for a single if.
func orElse(head *jen.Statement, rest []jen.Code) ifStmt {
	if len(rest) == 0 {
		return ifStmt{head}
	}
	if next, ok := rest[0].(ifStmt); ok && len(rest) == 1 {
		return ifStmt{head.Else().Add(next.Statement)}
	}
	return ifStmt{head.Else().Block(rest...)}
}

// add appends a violation: vs.Add("order_id", "required", "", "is required").
func (l *level) add(r *spec.Rule, message string) *jen.Statement {
	return jen.Id("vs").Dot("Add").Call(l.path.Clone(), jen.Lit(r.Name), jen.Lit(r.Param), jen.Lit(message))
}
