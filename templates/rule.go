package templates

import (
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// check is one rule on one value: the condition that must hold, and what a violation says.
type check struct {
	holds condition
	says  string
}

// ruleCheck turns a rule into a check.
func (l *level) ruleCheck(r *model.Rule, v value) check {
	if len(r.Or) > 0 {
		return l.alternativesCheck(r, func(one *model.Rule) check { return l.ruleCheck(one, v) })
	}
	entry, ok := rule.Find(r.Name)
	if !ok || entry.Fits()&rule.Of(v.t) == 0 {
		l.g.keepError("the rule %s is not supported on %s", r.Name, v.t.Desc)
		return check{holds: certain}
	}
	switch entry.Form {
	case rule.Set:
		return check{l.isPresent(v), entry.Says}
	case rule.Unset:
		return check{l.isPresent(v).not(), entry.Says}
	case rule.Bound:
		return l.boundCheck(r, entry, v)
	case rule.Equal:
		return l.equalCheck(r, entry, v)
	case rule.OneOf:
		return l.oneOf(r, entry, v)
	case rule.Field, rule.FieldIn:
		return l.compareField(r, entry, v)
	case rule.When:
		return l.whenRule(r, entry, l.isPresent(v))
	case rule.Unique:
		return l.uniqueCheck(r, v)
	case rule.Call:
		return l.ruleCall(r, entry, v)
	}
	l.g.keepError("the rule %s is not supported here", r.Name)
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

// alternativesCheck are broken when all of them are.
func (l *level) alternativesCheck(r *model.Rule, judge func(*model.Rule) check) check {
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
