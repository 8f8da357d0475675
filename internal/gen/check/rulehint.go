package check

import (
	"errors"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// ruleHint shows a parameter that a rule takes for a type.
func ruleHint(t *model.Type, entry *rule.Rule, err error) string {
	if errors.Is(err, errTimeParam) || errors.Is(err, errMapParam) {
		return "write only " + entry.Name
	}
	return "for example " + entry.Name + "=" + exampleParam(rule.Of(t), entry.Param)
}

// exampleParam writes a parameter of a kind for values of a kind.
func exampleParam(kind rule.Kinds, param rule.Param) string {
	switch param {
	case rule.Literal:
		return "ab"
	case rule.Char:
		return "-"
	case rule.Layout:
		return "2006-01-02"
	case rule.Path, rule.Elem:
		return "Field"
	case rule.Paths:
		return "Field Other"
	case rule.Pairs:
		return "Field value"
	case rule.Variable:
		return "name"
	case rule.Words:
		if kind&rule.Text != 0 {
			return "red green"
		}
		return "1 2 3"
	}
	return exampleValue(kind)
}

func exampleValue(kind rule.Kinds) string {
	switch {
	case kind&rule.Duration != 0:
		return "2s"
	case kind&rule.Bool != 0:
		return "true"
	case kind&rule.Float != 0:
		return "0.5"
	}
	return "3"
}
