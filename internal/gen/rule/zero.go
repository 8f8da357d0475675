package rule

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// Verdict is what rules say of a value, as far as their text tells. A larger one is stricter.
type Verdict int

// The verdicts.
const (
	Takes   Verdict = iota // every such value keeps the rules
	Depends                // on other fields, or on what only the program knows
	Refuses                // no such value keeps the rules
)

// Judgement is a verdict, with the rule that decided it and where in the value that rule stands:
// "", "customer.email", "[]". A verdict that takes has neither.
type Judgement struct {
	Verdict Verdict
	Path    string
	Rule    *model.Rule
}

// String writes the rule as the tag has it, and where it stands unless that is the value itself.
func (j Judgement) String() string {
	text := j.Rule.Name
	if j.Rule.Param != "" {
		text += "=" + j.Rule.Param
	}
	if path := strings.TrimPrefix(j.Path, "."); path != "" {
		text += " on " + path
	}
	return text
}

// OnZero judges what a reader sees of a field that is missing: the zero value of its type, by its
// rules and by those of the structs that it holds by value. Its answer is the generated validator's.
func OnZero(t *model.Type, r *model.Rules) Judgement {
	return (&judge{known: map[*model.Type]Judgement{}}).judgeValue(t, r, false)
}

// OnEmpty judges a value that is there, but holds nothing: a slice or a map without elements, or what
// a pointer to a zero value points to.
func OnEmpty(t *model.Type, r *model.Rules) Judgement {
	return (&judge{known: map[*model.Type]Judgement{}}).judgeValue(t.Pointed(), r, true)
}

// judge remembers its verdict on each struct, since many fields may have one type.
type judge struct{ known map[*model.Type]Judgement }

// judgeValue judges a zero value. there says that required takes it for set nevertheless, since it is an empty slice
// or map that is not nil, or because a pointer leads to it.
func (j *judge) judgeValue(t *model.Type, r *model.Rules, there bool) Judgement {
	var list []*model.Rule
	var dive *model.Rules
	if r != nil {
		list, dive = r.List, r.Dive
	}
	switch {
	case r != nil && r.Ignored():
		return Judgement{}
	case t.Kind == model.Pointer || Of(t) == Any:
		return judgeAbsent(list, dive)
	case Of(t)&Struct != 0 && len(list) > 0:
		list = dropRequired(list)
	}
	worst := Judgement{}
	for _, one := range list {
		if endsList(t, one, there) {
			return worst
		}
		worst = stricterOf(worst, Judgement{Verdict: onZero(t, one, there), Rule: one})
	}
	return stricterOf(worst, j.judgeInside(t, dive))
}

func stricterOf(a, b Judgement) Judgement {
	if b.Verdict > a.Verdict {
		return b
	}
	return a
}

// judgeAbsent judges a pointer or an interface that is nil: only some first rules are content with it.
func judgeAbsent(list []*model.Rule, dive *model.Rules) Judgement {
	worst := Judgement{}
	for i, one := range list {
		first := one
		if len(one.Or) > 0 {
			first = one.Or[0]
		}
		switch f := formOf(first); {
		case len(one.Or) == 0 && (f == Omit || f == Stop && i > 0 || f == Unset && i == 0):
			return worst
		case len(one.Or) == 0 && f == Unset, f == When && excludes(first):
		case f == When:
			worst = stricterOf(worst, Judgement{Verdict: Depends, Rule: one})
		default:
			return Judgement{Verdict: Refuses, Rule: one}
		}
	}
	if dive != nil {
		return Judgement{Verdict: Refuses, Rule: &model.Rule{Name: "dive"}}
	}
	return worst
}

// dropRequired leaves out required as the first rule, or as its first alternative, of a struct, which is
// always there.
func dropRequired(list []*model.Rule) []*model.Rule {
	first := *list[0]
	switch {
	case first.Name == "required":
		return list[1:]
	case len(first.Or) > 1 && first.Or[0].Name == "required":
		first.Or = first.Or[1:]
		return append([]*model.Rule{&first}, list[1:]...)
	}
	return list
}

// endsList says whether the rules behind this one are not asked.
func endsList(t *model.Type, r *model.Rule, there bool) bool {
	collects := t.Under() == model.Slice || t.Under() == model.Map
	switch {
	case formOf(r) == Stop:
		return true
	case formOf(r) != Omit:
		return false
	case r.Name == "omitzero":
		return true
	case r.Name == "omitnil":
		return collects && !there
	}
	return !there // omitthere
}

// judgeInside judges the values in a zero value: the elements of an array, the fields of a struct.
func (j *judge) judgeInside(t *model.Type, dive *model.Rules) Judgement {
	switch {
	case dive != nil && t.Under() == model.Array && t.Len > 0 && t.Elem != nil:
		return j.judgeValue(t.Elem, dive, false).atStep("[]")
	case dive == nil && Of(t)&Struct != 0:
		return j.judgeFields(t)
	}
	return Judgement{}
}

// judgeFields judges the fields of a struct. Its checks are the program's.
func (j *judge) judgeFields(t *model.Type) Judgement {
	if found, known := j.known[t]; known {
		return found
	}
	worst := Judgement{}
	j.known[t] = worst // a file may describe a struct that holds itself
	if len(t.Checks) > 0 {
		worst = Judgement{Verdict: Depends, Rule: &model.Rule{Name: "its check " + t.Checks[0].Name}}
	}
	for _, f := range t.Fields {
		if f.Exported || f.Embedded {
			worst = stricterOf(worst, j.judgeValue(f.Type, f.Rules, false).atStep(fieldStep(f)))
		}
	}
	j.known[t] = worst
	return worst
}

func fieldStep(f *model.Field) string {
	switch {
	case f.Inline:
		return ""
	case f.Wire == "":
		return "." + f.Name
	}
	return "." + f.Wire
}

func (j Judgement) atStep(step string) Judgement {
	j.Path = step + j.Path
	return j
}

func formOf(r *model.Rule) Form {
	if entry, ok := Find(r.Name); ok {
		return entry.Form
	}
	return Call
}

func excludes(r *model.Rule) bool {
	entry, ok := Find(r.Name)
	return ok && entry.Excludes()
}

// onZero judges by one rule.
func onZero(t *model.Type, r *model.Rule, there bool) Verdict {
	if len(r.Or) > 0 {
		best := Refuses
		for _, one := range r.Or {
			best = min(best, onZero(t, one, there))
		}
		return best
	}
	entry, ok := Find(r.Name)
	if !ok {
		return Depends
	}
	switch entry.Form {
	case Omit: // it did not end the list, so the value is there
		return Takes
	case Set:
		return takenIf(there)
	case Unset:
		return takenIf(!there)
	case Bound, Equal:
		return judgeComparison(t, r, entry.Go)
	case OneOf:
		return takenIf(zeroIsListed(t, r, entry) == (entry.Go == "=="))
	case When:
		return judgeConditional(entry, there)
	case Unique:
		return takenIf(t.Under() != model.Array || t.Len < 2)
	case Call:
		return judgePredicate(t, entry)
	}
	return Depends // on another field
}

func takenIf(is bool) Verdict {
	if is {
		return Takes
	}
	return Refuses
}

// judgeConditional judges a rule that looks at other fields before it wants something or nothing.
func judgeConditional(entry *Rule, there bool) Verdict {
	if entry.Excludes() == there {
		return Depends
	}
	return Takes
}

// judgeComparison judges sizes and numbers: a zero number, no characters, as many elements as an array has.
func judgeComparison(t *model.Type, r *model.Rule, op string) Verdict {
	size := 0.0
	switch kind := Of(t); {
	case kind&Time != 0:
		return takenIf(op == "<" || op == "<=")
	case kind&Bool != 0:
		yes, err := strconv.ParseBool(r.Param)
		return orDepends(err, (op == "==") != yes)
	case kind&Text != 0 && (r.Name == "eq" || r.Name == "ne"):
		return takenIf((op == "==") == (r.Param == ""))
	case t.Under() == model.Array:
		size = float64(t.Len)
	}
	limit, err := limitOf(t, r.Param)
	return orDepends(err, holdsComparison(size, op, limit))
}

func orDepends(err error, is bool) Verdict {
	if err != nil {
		return Depends
	}
	return takenIf(is)
}

// limitOf reads the parameter of a bound.
func limitOf(t *model.Type, param string) (float64, error) {
	if Of(t)&Duration != 0 {
		if d, err := time.ParseDuration(param); err == nil {
			return float64(d), nil
		}
	}
	if n, err := strconv.ParseInt(param, 0, 64); err == nil {
		return float64(n), nil
	}
	return strconv.ParseFloat(param, 64)
}

func holdsComparison(x float64, op string, y float64) bool {
	switch op {
	case ">=":
		return x >= y
	case "<=":
		return x <= y
	case ">":
		return x > y
	case "<":
		return x < y
	case "!=":
		return x != y
	}
	return x == y
}

// zeroIsListed says whether the zero value is one of the rule's words.
func zeroIsListed(t *model.Type, r *model.Rule, entry *Rule) bool {
	zero := "0"
	if Of(t)&Text != 0 {
		zero = ""
	}
	if entry.Param != Words {
		return r.Param == zero
	}
	return slices.ContainsFunc(r.Words, func(w model.Word) bool { return w.Text == zero })
}

// judgePredicate judges a predicate. Its verdict on the empty text is among its examples; one with a parameter wants
// something in the text, or wants it not to be there.
func judgePredicate(t *model.Type, entry *Rule) Verdict {
	expr, as := entry.Expression(Of(t))
	switch {
	case entry.Param == Variable, as&Stringer != 0, expr == "":
		return Depends
	case expr == "true":
		return Takes
	case as&Text != 0 && entry.Param != None:
		return takenIf(strings.HasPrefix(expr, "!"))
	case as&(Text|Bytes) != 0:
		return takenIf(slices.Contains(entry.Good, ""))
	}
	return takenIf(slices.Contains(entry.Good, "0"))
}
