package templates

import (
	"strings"

	"github.com/necrostack/necrogen/internal/rule"
	"github.com/necrostack/necrogen/internal/spec"
)

// check is one rule on one value: the condition that must hold, and what a violation says.
type check struct {
	holds condition
	says  string
}

// rule turns a rule into a check.
func (l *level) rule(r *spec.Rule, v value) check {
	if len(r.Or) > 0 {
		return l.alternatives(r, func(one *spec.Rule) check { return l.rule(one, v) })
	}
	entry, ok := rule.Find(r.Name)
	if !ok || entry.Fits()&rule.Of(v.t) == 0 {
		l.g.fail("the rule %s is not supported on %s", r.Name, v.t.Desc)
		return check{holds: certain}
	}
	switch entry.Form {
	case rule.Set:
		return check{l.present(v), entry.Says}
	case rule.Unset:
		return check{l.present(v).not(), entry.Says}
	case rule.Bound:
		return l.bound(r, entry, v)
	case rule.Equal:
		return l.equal(r, entry, v)
	case rule.OneOf:
		return l.oneOf(r, entry, v)
	case rule.Field, rule.FieldIn:
		return l.field(r, entry, v)
	case rule.When:
		return l.whenRule(r, entry, l.present(v))
	case rule.Unique:
		return l.unique(r, v)
	case rule.Call:
		return l.call(r, entry, v)
	}
	l.g.fail("the rule %s is not supported here", r.Name)
	return check{holds: certain}
}

// commonVerb is what two sentences begin with, so that the second can do without.
func commonVerb(a, b string) string {
	for _, verb := range []string{"must be ", "must have ", "must contain ", "must "} {
		if strings.HasPrefix(a, verb) && strings.HasPrefix(b, verb) {
			return verb
		}
	}
	return ""
}

// alternatives are broken when all of them are.
func (l *level) alternatives(r *spec.Rule, judge func(*spec.Rule) check) check {
	holds, says := impossible, make([]string, len(r.Or))
	for i, one := range r.Or {
		c := judge(one)
		holds = anyOf(holds, c.holds)
		says[i] = c.says
		if i > 0 {
			says[i] = strings.TrimPrefix(says[i], commonVerb(says[0], c.says))
		}
	}
	return check{holds, strings.Join(says, " or ")}
}
