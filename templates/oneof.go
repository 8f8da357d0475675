package templates

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// oneOfWords are the values of oneof, as the reference splits them: by space, but not in
// single quotes.
var oneOfWords = regexp.MustCompile(`'[^']*'|\S+`)

// oneOf compares with each value.
//
//	v.Side != "buy" && v.Side != "sell"
func (l *level) oneOf(r *spec.Rule, t *spec.Type, at place) check {
	var words []string
	for _, w := range oneOfWords.FindAllString(r.Param, -1) {
		words = append(words, strings.ReplaceAll(w, "'", ""))
	}
	var broken *jen.Statement
	for _, w := range distinct(words) {
		value := l.oneOfValue(t, w)
		switch {
		case value == nil:
		case broken == nil:
			broken = at.value().Op("!=").Add(value)
		default:
			broken.Op("&&").Add(at.value()).Op("!=").Add(value)
		}
	}
	return check{broken: broken, message: "must be one of " + strings.Join(words, ", ")}
}

// distinct leaves out repetitions: go vet calls a comparison that comes twice redundant.
func distinct(words []string) []string {
	var list []string
	for _, w := range words {
		if !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

// oneOfValue is a value as a constant. A number counts only as the reference prints it; one
// that the type can't hold is nil, since it is never met.
func (l *level) oneOfValue(t *spec.Type, word string) *jen.Statement {
	kind := reflectKind(t)
	switch {
	case kind == spec.String:
		return jen.Lit(word)
	case kind >= spec.Int && kind <= spec.Int64:
		n, err := strconv.ParseInt(word, 10, 64)
		low, high := signedRange(kind)
		if err != nil || strconv.FormatInt(n, 10) != word || n < low || n > high {
			return nil
		}
		return jen.Op(word)
	case kind >= spec.Uint && kind <= spec.Uint64:
		n, err := strconv.ParseUint(word, 10, 64)
		if err != nil || strconv.FormatUint(n, 10) != word || n > unsignedMax(kind) {
			return nil
		}
		return jen.Op(word)
	}
	l.g.fail("the rule oneof is not supported on %s", t.Desc)
	return nil
}
