package check

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
	"github.com/necrostack/necrogen/internal/spelling"
)

// judgeFieldPath judges a rule that compares with another field: both are of one kind.
func (r ruled) judgeFieldPath(one *model.Rule, entry *rule.Rule) {
	other := r.resolveField(r.parent, one.Name, one.Words[0])
	switch {
	case other == nil:
		return
	case other == r.field && r.inside == "":
		r.addOnWay(diag.New(diag.RuleParam, r.wordPos(one.Words[0], one.Pos), one.Name, "a field compares with itself").
			WithHint("name another field"))
		return
	}
	if ot := other.Type.Pointed(); ot.Under() != r.t.Under() || rule.Of(ot)&entry.Fits() == 0 {
		r.addOnWay(diag.New(diag.RuleFieldKind, r.rulePos(one.Pos), one.Name, r.valueName(), withArticle(r.t), other.Name, withArticle(ot)).
			WithHint("compare fields of one type, or write a method with //necro:check").
			WithRelated(other.Pos, "the other field"))
	}
	if entry.Go[0] == '!' {
		r.judgeCompared(one, one.Words[0], func(*model.Field, bool) bool { return true })
	}
}

// judgeFieldList judges a list of fields.
func (r ruled) judgeFieldList(one *model.Rule) {
	for _, w := range one.Words {
		if r.resolveField(r.parent, one.Name, w) != nil && strings.Contains(one.Name, "_with") && !strings.Contains(one.Name, "_without") {
			r.judgeCompared(one, w, func(_ *model.Field, itself bool) bool { return itself })
		}
	}
}

// judgeFieldPairs judges fields and values by turns.
func (r ruled) judgeFieldPairs(one *model.Rule) {
	if len(one.Words)%2 != 0 {
		r.addOnWay(diag.New(diag.RuleParam, r.rulePos(one.Pos), one.Name, "fields and values stand by turns, and the last has no partner").
			WithHint("%s", "single quotes keep words together: Status 'in transit'"))
		return
	}
	seen := map[string]bool{}
	for i := 0; i < len(one.Words); i += 2 {
		name, word := one.Words[i], one.Words[i+1]
		if seen[name.Text] && !strings.HasSuffix(one.Name, "d_unless") {
			r.addOnWay(diag.New(diag.RuleParam, r.wordPos(name, one.Pos), one.Name, name.Text+" comes twice, and can't have two values at once").
				WithHint("write a rule for each value"))
		}
		seen[name.Text] = true
		if other := r.resolveField(r.parent, one.Name, name); other != nil && !comparesWith(other.Type, word.Text) {
			r.addOnWay(diag.New(diag.RuleCondition, r.wordPos(word, one.Pos), one.Name, other.Name, withArticle(other.Type), word.Text).
				WithHint("%s", valueHint(other.Type)).WithRelated(other.Pos, "the other field"))
		} else if other != nil && (strings.HasSuffix(one.Name, "_if") || one.Name == "skip_unless") {
			r.judgeCompared(one, name, func(named *model.Field, _ bool) bool { return zeroWord(named.Type.Pointed(), word.Text) })
		}
	}
}

// comparesWith says whether a value of a type can be what a condition compares it with.
func comparesWith(t *model.Type, word string) bool {
	nillable := t.Kind == model.Pointer
	t = t.Pointed()
	kind := rule.Of(t)
	if word == "nil" && (nillable || t.Under() == model.Slice || t.Under() == model.Map) {
		return true
	}
	switch {
	case kind&rule.Text != 0:
		return true
	case kind&rule.Bool != 0:
		return word == "true" || word == "false"
	case kind&rule.Collection != 0:
		_, err := strconv.ParseUint(word, 0, 63)
		return err == nil
	case kind&(rule.Int|rule.Duration) != 0:
		_, err := strconv.ParseInt(word, 0, bitSize(t))
		return err == nil
	case kind&rule.Uint != 0:
		_, err := strconv.ParseUint(word, 0, bitSize(t))
		return err == nil
	case kind&rule.Float != 0:
		_, err := strconv.ParseFloat(word, floatBits(t))
		return err == nil
	}
	return false
}

func bitSize(t *model.Type) int {
	switch t.Under() {
	case model.Int8, model.Uint8:
		return 8
	case model.Int16, model.Uint16:
		return 16
	case model.Int32, model.Uint32:
		return 32
	}
	return 64
}

// valueHint says which values a condition can compare a type with.
func valueHint(t *model.Type) string {
	kind := rule.Of(t.Pointed())
	switch {
	case kind&rule.Bool != 0:
		return "true or false"
	case kind&rule.Collection != 0:
		return "a number of elements, or nil"
	case kind&rule.Duration != 0:
		return "a number of nanoseconds"
	case kind&rule.Number != 0:
		return "a number of its type"
	}
	return "required_with and its like ask whether it is there"
}

// judgeUniqueBy judges the parameter of unique: elements, or one of their fields, that can be compared.
func (r ruled) judgeUniqueBy(one *model.Rule) {
	t := r.t.Elem
	if t.Kind == model.Pointer {
		t = t.Elem
	}
	if one.Param != "" {
		if rule.Of(t)&rule.Struct == 0 {
			r.addOnWay(diag.New(diag.RuleParam, r.rulePos(one.Pos), one.Name, "its elements are no structs with fields").
				WithHint("write only %s", one.Name))
			return
		}
		f := r.resolveField(t, one.Name, one.Words[0])
		if f == nil {
			return
		}
		t = f.Type.Pointed()
	}
	if !alwaysComparable(t) {
		r.addOnWay(diag.New(diag.RuleMisfit, r.rulePos(one.Pos), one.Name, r.valueName(), withArticle(r.t)).
			WithHint("%s can't be compared; unique=Field compares one field of structs", t.Desc))
	}
}

// alwaysComparable says whether two values of a type can always be compared: nothing in them is an
// interface, which may hold anything.
func alwaysComparable(t *model.Type) bool {
	return nil == t.Find((*model.Type).ByValue, func(t *model.Type) bool {
		return !t.Comparable || t.Kind == model.Any || t.Kind == model.Error || t.Kind == model.Other
	})
}

// resolveField finds a field by its Go path, "Total" or "Price.Amount", also when it is promoted, or
// reports that there is none.
func (r ruled) resolveField(t *model.Type, name string, w model.Word) *model.Field {
	var f *model.Field
	for step := range strings.SplitSeq(w.Text, ".") {
		if f != nil {
			t = f.Type.Pointed()
		}
		selected := t.Selected(step)
		if selected == nil {
			r.unknownField(name, t, step, w)
			return nil
		}
		if f = r.firstUnreadable(t, selected); f != nil {
			r.addOnWay(diag.New(diag.RuleHidden, r.wordPos(w, model.Pos{}), name, f.Name, t.Desc).
				WithHint("export it, or write a method with //necro:check"))
			return nil
		}
		f = selected[len(selected)-1]
		if r.leftOut(selected) {
			r.addOnWay(diag.New(diag.RuleUnencoded, r.wordPos(w, model.Pos{}), f.Name, name+"="+w.Text, "compares with it").
				WithHint("encode the field, or take the rule away and ask before it is published").
				WithRelated(f.Pos, "the field"))
			return nil
		}
	}
	return f
}

// leftOut says whether a field on the way is not encoded: readers find it empty.
func (r ruled) leftOut(way []*model.Field) bool {
	return slices.ContainsFunc(way, func(f *model.Field) bool { return f.Skip })
}

// firstUnreadable returns the first field on the way that the package that is generated can't read. An
// embedded struct need not be named, but for a pointer, which may be nil.
func (r ruled) firstUnreadable(t *model.Type, way []*model.Field) *model.Field {
	for i, f := range way {
		hidden := !ast.IsExported(f.Name) && t.Path != "" && t.Path != r.pkg.Path
		if hidden && (i == len(way)-1 || f.Type.Kind == model.Pointer) {
			return f
		}
		t = f.Type.Pointed()
	}
	return nil
}

func (r ruled) unknownField(name string, t *model.Type, step string, w model.Word) {
	d := diag.New(diag.RuleField, r.wordPos(w, model.Pos{}), name, t.Desc, step)
	switch near := spelling.Nearest(step, fieldNames(t)); {
	case strings.Contains(step, "["):
		d = d.WithHint("elements can't be named: write a method with //necro:check")
	case near != "":
		d = d.WithHint("did you mean %s?", strings.Replace(w.Text, step, near, 1))
	default:
		d = d.WithHint("it names a field of the same struct, or a path of fields, as Go does")
	}
	r.addOnWay(d)
}

// wordPos is the place of a word in the tag, or of its rule.
func (r ruled) wordPos(w model.Word, otherwise model.Pos) model.Pos {
	if w.Pos.IsValid() {
		return w.Pos
	}
	return r.rulePos(otherwise)
}
