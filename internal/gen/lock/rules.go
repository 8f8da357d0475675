package lock

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// narrowed says which values the new release refuses that the old one took, by the rules of one
// level; "" for none. The rules of elements are compared when they are.
func narrowed(before, after side) string {
	if !after.asked {
		return ""
	}
	var old *model.Rules
	if before.asked {
		old = before.rules
	}
	if text := narrower(old, after.rules); text != "" {
		return text
	}
	if after.rules != nil && after.rules.Keys != nil {
		var keys *model.Rules
		if old != nil {
			keys = old.Keys
		}
		if text := narrower(keys, after.rules.Keys); text != "" {
			return "its key: " + text
		}
	}
	if text := refusesMissing(before, after, old); text != "" {
		return text
	}
	return remeasured(before, after)
}

// narrower says which rule of a list is new, or takes less than it did.
func narrower(old, now *model.Rules) string {
	before, after := plain(old), plain(now)
	for _, r := range after {
		i := slices.IndexFunc(before, func(o *model.Rule) bool { return o.Name == r.Name })
		switch {
		case i < 0:
			return fmt.Sprintf("rule %s is new", text(r))
		case before[i].Param != r.Param && !wider(before[i], r):
			return fmt.Sprintf("rule %s was %s", text(r), text(before[i]))
		}
	}
	return ""
}

// plain are the rules of a list that refuse something by themselves.
func plain(r *model.Rules) []*model.Rule {
	if r == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.List), func(one *model.Rule) bool {
		return one.Name == "" || one.Name == "-" || lets(one, rule.Omit) || lets(one, rule.Stop)
	})
}

// lets says whether a rule lets values pass, in one of the forms of those.
func lets(r *model.Rule, form rule.Form) bool {
	entry, ok := rule.Find(r.Name)
	return ok && entry.Form == form
}

func text(r *model.Rule) string { return rule.Judgement{Rule: r}.String() }

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
			if lets(r, rule.Omit) && (after.rules == nil || !slices.ContainsFunc(after.rules.List, func(n *model.Rule) bool { return n.Name == r.Name })) {
				return fmt.Sprintf("%s is gone", r.Name)
			}
		}
	}
	return fmt.Sprintf("%s refuses what was missing or zero", found)
}

// remeasured says which rule means something else, because a text became bytes or the other way:
// characters are counted, or bytes; an empty text is missing, empty bytes are not.
func remeasured(before, after side) string {
	was, is := pointed(before.typ), pointed(after.typ)
	if was == is || !textual(was) || !textual(is) {
		return ""
	}
	if rules := plain(after.rules); len(rules) > 0 {
		return fmt.Sprintf("rule %s means another thing on %s than on %s", text(rules[0]), is, was)
	}
	return ""
}

// wider says that a rule takes all that it took with another parameter.
func wider(old, now *model.Rule) bool {
	switch now.Name {
	case "oneof", "oneofci":
		return !slices.ContainsFunc(old.Words, func(w model.Word) bool {
			return !slices.ContainsFunc(now.Words, func(n model.Word) bool { return n.Text == w.Text })
		})
	}
	before, ok := quantity(old.Param)
	after, ok2 := quantity(now.Param)
	switch now.Name {
	case "min", "gte", "gt":
		return ok && ok2 && after <= before
	case "max", "lte", "lt":
		return ok && ok2 && after >= before
	}
	return false
}

// quantity reads the parameter of a bound: a number, or a duration in nanoseconds.
func quantity(param string) (float64, bool) {
	if d, err := time.ParseDuration(param); err == nil {
		return float64(d), true
	}
	if n, err := strconv.ParseInt(param, 0, 64); err == nil {
		return float64(n), true
	}
	f, err := strconv.ParseFloat(param, 64)
	return f, err == nil
}
