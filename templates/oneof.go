package templates

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// oneOf compares with each value of a list, or with the one of eq_ignore_case.
//
//	v.Side != "buy" && v.Side != "sell"
func (l *level) oneOf(r *model.Rule, entry *rule.Rule, v value) check {
	words := []string{r.Param}
	if entry.Param == rule.Words {
		words = texts(r.Words)
	}
	met := make([]condition, len(words))
	for i, w := range words {
		met[i] = l.equalsText(v, w, entry.FoldsCase())
	}
	holds := anyOf(met...)
	if entry.Go == "!=" {
		holds = holds.not()
	}
	return check{holds, oneOfSays(entry, words, rule.Of(v.t)&rule.Text != 0)}
}

// equalsText compares with one value. A number counts only as the reference prints it; one that the
// type can't hold is never met.
func (l *level) equalsText(v value, word string, fold bool) condition {
	x, kind := v.at.value(), v.t.Under()
	switch {
	case fold:
		return callCondition(jen.Qual("strings", "EqualFold").Call(l.textValue(v), jen.Lit(word)))
	case kind == model.String:
		return comparison(x, "==", jen.Lit(word))
	case kind >= model.Int && kind <= model.Int64:
		n, err := strconv.ParseInt(word, 10, 64)
		low, high := signedRange(kind)
		if err != nil || strconv.FormatInt(n, 10) != word || n < low || n > high {
			return impossible
		}
		x = signed(v, n)
	case kind >= model.Uint && kind <= model.Uint64:
		n, err := strconv.ParseUint(word, 10, 64)
		if err != nil || strconv.FormatUint(n, 10) != word || n > unsignedMax(kind) {
			return impossible
		}
		x = unsigned(v, n)
	}
	return comparison(x, "==", jen.Op(word))
}

func texts(words []model.Word) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = w.Text
	}
	return list
}
