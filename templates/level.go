package templates

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// level writes the rules of one value. Its order is the reference's: pointers first, then
// rule by rule until one fails, then dive or, for a struct, its fields.
type level struct {
	g      *generator
	parent *model.Type // the struct that the field stands in, for cross-field rules
	path   *jen.Statement
	looped bool // inside of a dive
	inline bool // an embedded struct, whose fields stand on the level of the outer ones
	key    bool // the key of a map, whose fields are not entered
	maps   *int // how many maps the function has gone through
}

// value is what rules are about: pointers are followed.
type value struct {
	t       *model.Type
	at      place
	pointed bool // by a pointer, or held by an interface: it is there, whatever it is
}

// validateValue returns the statements for a value with its rules.
func (l *level) validateValue(t *model.Type, at place, r *model.Rules) statements {
	v, missing := followPointers(t, at)
	if rule.Of(v.t) == rule.Any {
		v.pointed = true
		missing = anyOf(missing, callCondition(jen.Qual(rulesPath, "Set").Call(v.at.value())).not())
	}
	rules := ruleList(r)
	rest := l.ruleChain(v, l.onStruct(v, rules), r)
	return ifElse(missing, l.absentViolation(rules, r), rest)
}

// followPointers goes through pointers, of which one may be nil.
func followPointers(t *model.Type, at place) (v value, missing condition) {
	missing = impossible
	v = value{t: t, at: at}
	for end := t.Pointed(); v.t != end; {
		missing = anyOf(missing, isNil(v.at.value()))
		v = value{t: v.t.Elem, at: v.at.deref(), pointed: true}
	}
	return v, missing
}

func ruleList(r *model.Rules) []*model.Rule {
	if r == nil {
		return nil
	}
	return r.List
}

// onStruct leaves out required as the first rule on a struct: the reference lets one
// always be present.
func (l *level) onStruct(v value, rules []*model.Rule) []*model.Rule {
	switch {
	case len(rules) == 0 || rule.Of(v.t)&rule.Struct == 0:
		return rules
	case rules[0].Name == "required":
		return rules[1:]
	case len(rules[0].Or) > 1 && rules[0].Or[0].Name == "required":
		first := *rules[0]
		first.Or, first.Name = first.Or[1:], strings.TrimPrefix(first.Name, "required|")
		return append([]*model.Rule{&first}, rules[1:]...)
	}
	return rules
}

// ruleChain writes the rules in order; each is the else of the one before.
func (l *level) ruleChain(v value, rules []*model.Rule, r *model.Rules) statements {
	if len(rules) == 0 {
		return l.validateInside(v, r)
	}
	switch first := rules[0]; ruleForm(first) {
	case rule.Stop:
		return nil
	case rule.Omit:
		return ifElse(l.isThere(first, v), l.ruleChain(v, rules[1:], r), nil)
	default:
		c := l.ruleCheck(first, v)
		return ifElse(c.holds.not(), l.addViolation(first, c.says), l.ruleChain(v, rules[1:], r))
	}
}

// ruleForm returns the form of a rule; alternatives are like a call.
func ruleForm(r *model.Rule) rule.Form {
	entry, ok := rule.Find(r.Name)
	if !ok {
		return rule.Call
	}
	return entry.Form
}

// absentViolation writes what a nil pointer or interface breaks: the first rule that is not content with
// nothing. Behind conditional rules the reference asks the pointer itself, and panics for most
// rules.
func (l *level) absentViolation(rules []*model.Rule, r *model.Rules) statements {
	for i, one := range rules {
		switch f := ruleForm(one); {
		case f == rule.Omit || f == rule.Stop && i > 0 || f == rule.Unset && i == 0:
			return nil
		case f == rule.Unset:
		case f == rule.When:
			c := l.whenAbsent(one)
			return ifElse(c.holds.not(), l.addViolation(one, c.says), l.absentViolation(rules[i+1:], r))
		case len(one.Or) > 0 && ruleForm(one.Or[0]) == rule.When:
			c := l.alternativesCheck(one, l.whenAbsent)
			return ifElse(c.holds.not(), l.addViolation(one, c.says), l.absentViolation(rules[i+1:], r))
		default:
			return l.addViolation(one, "is required")
		}
	}
	if r != nil && r.Dive != nil {
		return l.addViolation(&model.Rule{Name: "dive"}, "is required")
	}
	return nil
}

// whenAbsent judges nothing by one rule.
func (l *level) whenAbsent(r *model.Rule) check {
	if entry, ok := rule.Find(r.Name); ok && entry.Form == rule.When {
		return l.whenRule(r, entry, impossible)
	}
	return check{holds: impossible, says: "is required"}
}

// addViolation appends a violation: vs.Add("order_id", "required", "", "is required").
func (l *level) addViolation(r *model.Rule, says string) statements {
	if l.key {
		says = "its key " + says
	}
	return codeLines(jen.Id("vs").Dot("Add").Call(l.path.Clone(), jen.Lit(r.Name), jen.Lit(r.Param), jen.Lit(says)))
}
