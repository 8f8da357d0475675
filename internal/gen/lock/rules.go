package lock

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// newlyRefused says which values the new release refuses that the old one took, by the rules of one
// level; "" for none. The rules of elements are compared when they are.
func newlyRefused(before, after side) string {
	if !after.asked {
		return ""
	}
	var old *model.Rules
	if before.asked {
		old = before.rules
	}
	if text := narrowerRule(old, after.rules); text != "" {
		return text
	}
	if after.rules != nil && after.rules.Keys != nil {
		var keys *model.Rules
		if old != nil {
			keys = old.Keys
		}
		if text := narrowerRule(keys, after.rules.Keys); text != "" {
			return "its key: " + text
		}
	}
	if text := refusesMissing(before, after, old); text != "" {
		return text
	}
	return changedMeasure(before, after)
}

// narrowerRule says which rule of a list is new, or takes less than it did.
func narrowerRule(old, now *model.Rules) string {
	before, after := plainRules(old), plainRules(now)
	for _, r := range after {
		i := slices.IndexFunc(before, func(o *model.Rule) bool { return o.Name == r.Name })
		switch {
		case i < 0:
			return fmt.Sprintf("rule %s is new", ruleText(r))
		case before[i].Param != r.Param && !isWider(before[i], r):
			return fmt.Sprintf("rule %s was %s", ruleText(r), ruleText(before[i]))
		}
	}
	return ""
}

// plainRules returns the rules of a list that refuse values by themselves.
func plainRules(r *model.Rules) []*model.Rule {
	if r == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.List), func(one *model.Rule) bool {
		return one.Name == "" || one.Name == "-" || letsPass(one, rule.Omit) || letsPass(one, rule.Stop)
	})
}

// letsPass says whether a rule lets values pass, in one of the forms of those.
func letsPass(r *model.Rule, form rule.Form) bool {
	entry, ok := rule.Find(r.Name)
	return ok && entry.Form == form
}

func ruleText(r *model.Rule) string { return rule.Judgement{Rule: r}.String() }

// refusesMissing says which rule refuses a value that is missing, nil or zero, and did not. What
// fields of a struct refuse is told of them, unless there was a pointer in front, which could be nil.
func refusesMissing(before, after side, old *model.Rules) string {
	found := after.onZero()
	was := before.onZero().Verdict
	switch {
	case !before.isPointer() && after.isPointer() && found.Verdict != rule.Refuses:
		// A zero that was written is there, behind the pointer.
		found = rule.OnEmpty(after.shape, after.rules)
	case before.isPointer() == after.isPointer() && found.Path != "":
		return ""
	}
	if found.Verdict != rule.Refuses || was == rule.Refuses {
		return ""
	}
	if old != nil {
		for _, r := range old.List {
			if letsPass(r, rule.Omit) && (after.rules == nil || !slices.ContainsFunc(after.rules.List, func(n *model.Rule) bool { return n.Name == r.Name })) {
				return fmt.Sprintf("%s is gone", r.Name)
			}
		}
	}
	return fmt.Sprintf("%s refuses what was missing or zero", found)
}

// changedMeasure says which rule means something else, because a text became bytes or the other way:
// characters are counted, or bytes; an empty text is missing, empty bytes are not.
func changedMeasure(before, after side) string {
	was, is := withoutPointers(before.typ), withoutPointers(after.typ)
	if was == is || !isTextual(was) || !isTextual(is) {
		return ""
	}
	if rules := plainRules(after.rules); len(rules) > 0 {
		return fmt.Sprintf("rule %s means another thing on %s than on %s", ruleText(rules[0]), is, was)
	}
	return ""
}

// isWider says that a rule takes all that it took with another parameter.
func isWider(old, now *model.Rule) bool {
	switch now.Name {
	case "oneof", "oneofci":
		return !slices.ContainsFunc(old.Words, func(w model.Word) bool {
			return !slices.ContainsFunc(now.Words, func(n model.Word) bool { return n.Text == w.Text })
		})
	}
	before, ok := parseQuantity(old.Param)
	after, ok2 := parseQuantity(now.Param)
	switch now.Name {
	case "min", "gte", "gt":
		return ok && ok2 && after <= before
	case "max", "lte", "lt":
		return ok && ok2 && after >= before
	}
	return false
}

// parseQuantity reads the parameter of a bound: a number, or a duration in nanoseconds.
func parseQuantity(param string) (float64, bool) {
	if d, err := time.ParseDuration(param); err == nil {
		return float64(d), true
	}
	if n, err := strconv.ParseInt(param, 0, 64); err == nil {
		return float64(n), true
	}
	f, err := strconv.ParseFloat(param, 64)
	return f, err == nil
}
