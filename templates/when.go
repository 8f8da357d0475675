package templates

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// whenRule demands that a value is there, or that it is not, when other fields say so.
//
//	v.Status != "paid" || v.PaidAt != nil
func (l *level) whenRule(r *model.Rule, entry *rule.Rule, present condition) check {
	applies, says := l.ruleApplies(r, entry)
	if entry.Excludes() {
		present = present.not()
	}
	return check{anyOf(applies.not(), present), strings.ReplaceAll(entry.Says, "{when}", says)}
}

// ruleApplies is the condition of a rule, and how it is told.
func (l *level) ruleApplies(r *model.Rule, entry *rule.Rule) (condition, string) {
	if entry.Param == rule.Pairs {
		return l.comparePairs(r, strings.HasSuffix(r.Name, "_unless") && r.Name != "skip_unless")
	}
	_, suffix, _ := strings.Cut(r.Name, "_")
	set := strings.HasPrefix(suffix, "with") && !strings.HasPrefix(suffix, "without")
	every := strings.HasSuffix(suffix, "_all")
	var parts []condition
	var names []string
	for _, w := range r.Words {
		ref := l.referField(w.Text)
		part := l.isUnset(ref)
		if set {
			part = part.not()
		}
		parts, names = append(parts, part), append(names, ref.wire)
	}
	is := "is set"
	switch {
	case len(names) > 1 && every && set:
		is = "are set"
	case len(names) > 1 && every:
		is = "are not set"
	case !set:
		is = "is not set"
	}
	if every {
		return allOf(parts...), joinNames(names, "and") + " " + is
	}
	return anyOf(parts...), joinNames(names, "or") + " " + is
}

// comparePairs compares fields with values: all must match, or for unless none.
func (l *level) comparePairs(r *model.Rule, unless bool) (condition, string) {
	var parts []condition
	var told []string
	for i := 0; i+1 < len(r.Words); i += 2 {
		ref, word := l.referField(r.Words[i].Text), r.Words[i+1].Text
		parts = append(parts, l.fieldMatches(ref, word))
		told = append(told, ref.wire+" "+matchSays(ref.t, word))
	}
	if unless {
		return anyOf(parts...).not(), joinNames(told, "or")
	}
	return allOf(parts...), joinNames(told, "and")
}

// isUnset is the condition under which the reference takes another field for missing.
func (l *level) isUnset(ref reference) condition {
	if rule.Of(ref.t) == rule.Any {
		return anyOf(ref.missing(), callCondition(jen.Qual(rulesPath, "Set").Call(ref.at.value())).not())
	}
	return anyOf(ref.missing(), l.isPresent(ref.value).not())
}

// fieldMatches compares another field with a value. Only nil matches a pointer that is nil; but a text
// may be "nil", too, and so may a slice or map.
func (l *level) fieldMatches(ref reference, word string) condition {
	holds := allOf(ref.missing().not(), l.matchesValue(ref.value, word))
	if word == "nil" {
		return anyOf(allOf(ref.mid.not(), ref.end), holds)
	}
	return holds
}

func (l *level) matchesValue(v value, word string) condition {
	x := v.at.value()
	switch kind := rule.Of(v.t); {
	case kind&rule.Text != 0:
		return comparison(x, "==", jen.Lit(word))
	case word == "nil" && (v.t.Under() == model.Slice || v.t.Under() == model.Map):
		return isNil(x)
	case word == "nil":
		return impossible
	case kind&rule.Collection != 0:
		return l.lengthCheck(&model.Rule{Param: word}, jen.Len(x), "==")
	case kind&rule.Bool != 0 && word == "true":
		return callCondition(convertTo(v.t, "bool", x))
	case kind&rule.Bool != 0:
		return callCondition(convertTo(v.t, "bool", x)).not()
	case kind&rule.Duration != 0:
		n, err := strconv.ParseInt(word, 0, 64)
		l.parseParam(&model.Rule{Param: word}, err)
		return comparison(x, "==", integer(n))
	}
	return l.numberCheck(v, "==", word)
}
