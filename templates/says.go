package templates

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// What violations say: sentences without a subject, since the path stands in front of them.

// bounds are the words for operators on numbers and lengths.
var bounds = map[string]struct{ number, length string }{
	">=": {"must be at least ", "must have at least "},
	"<=": {"must be at most ", "must have at most "},
	">":  {"must be greater than ", "must have more than "},
	"<":  {"must be less than ", "must have fewer than "},
	"==": {"must be ", "must have exactly "},
	"!=": {"must not be ", "must not have exactly "},
}

func boundSays(op, param string) string { return bounds[op].number + param }

func lengthSays(op, param, unit string) string {
	if n, err := strconv.ParseInt(param, 0, 64); err == nil {
		param = strconv.FormatInt(n, 10)
	}
	if param != "1" {
		unit += "s"
	}
	return bounds[op].length + param + " " + unit
}

// unitName is what a collection is made of.
func unitName(kind rule.Kinds) string {
	if kind&rule.Bytes != 0 {
		return "byte"
	}
	return "element"
}

// callSays puts the parameter into the sentence of the table: in quotes, but for names and layouts.
func callSays(entry *rule.Rule, param string) string {
	if entry.Param == rule.Literal || entry.Param == rule.Char {
		param = strconv.Quote(param)
	}
	return strings.ReplaceAll(entry.Says, "{param}", param)
}

func oneOfSays(entry *rule.Rule, words []string, quoted bool) string {
	shown := strings.Join(words, ", ")
	if quoted && entry.Param == rule.Value {
		shown = strconv.Quote(words[0])
	}
	return strings.ReplaceAll(entry.Says, "{param}", shown)
}

// fieldSays is what a comparison with another field says, by the kind of the value.
func fieldSays(entry *rule.Rule, kind rule.Kinds, other string) string {
	says, text := entry.Says, kind&rule.Text != 0
	words := map[string]string{}
	switch {
	case kind&rule.Time != 0:
		words = map[string]string{">": "must be after {field}", ">=": "must not be before {field}", "<": "must be before {field}", "<=": "must not be after {field}"}
	case text && strings.Contains(entry.Name, "cs"):
		words = map[string]string{">": "must sort behind {field}", ">=": "must not sort before {field}", "<": "must sort before {field}", "<=": "must not sort behind {field}"}
	case text:
		words = map[string]string{">": "must be longer than {field}", ">=": "must not be shorter than {field}", "<": "must be shorter than {field}", "<=": "must not be longer than {field}"}
	case kind&rule.Collection != 0:
		words = map[string]string{
			">": "must have more elements than {field}", ">=": "must have at least as many elements as {field}", "<": "must have fewer elements than {field}",
			"<=": "must have at most as many elements as {field}", "==": "must have as many elements as {field}", "!=": "must not have as many elements as {field}",
		}
	}
	if found := words[entry.Go]; found != "" && entry.Form == rule.Field {
		says = found
	}
	return strings.ReplaceAll(says, "{field}", other)
}

// matchSays tells the value of another field in a condition.
func matchSays(t *model.Type, word string) string {
	switch kind := rule.Of(t); {
	case kind&rule.Text != 0:
		return "is " + strconv.Quote(word)
	case kind&rule.Collection != 0 && word == "1":
		return "has 1 element"
	case kind&rule.Collection != 0 && word != "nil":
		return fmt.Sprintf("has %s elements", word)
	}
	return "is " + word
}

// joinNames joins names: "a, b or c".
func joinNames(names []string, word string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}
