package check

import (
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
	"github.com/necrostack/necrogen/internal/spelling"
)

// ruled judges the rules of one value: a field, its elements or its keys.
type ruled struct {
	walk
	parent *model.Type  // the struct that the field stands in
	field  *model.Field // with the tag
	t      *model.Type  // of the value, pointers followed
	inside string       // from the field to the value: "", "[]", "[key]"
}

// judgeRules judges the validate tag of a field, level by level.
func (w walk) judgeRules(parent *model.Type, f *model.Field) {
	if f.Rules == nil || f.Rules.Ignored() {
		return
	}
	ruled{walk: w, parent: parent, field: f, t: f.Type.Pointed()}.judgeLevel(f.Rules)
}

// judgeLevel judges the rules of one value, then those of its elements.
func (r ruled) judgeLevel(rules *model.Rules) {
	if r.t.Valuer {
		r.addOnWay(diag.New(diag.RuleValuer, r.rulePos(rules.Pos), r.t.Desc).
			WithHint("write a method with //necro:check, which asks the value itself"))
		return
	}
	for i := 0; i < len(rules.List); i++ {
		if n := splitWords(rules.List[i:]); n > 1 {
			r.splitWords(rules.List[i : i+n])
			i += n - 1
			continue
		}
		r.judgeWord(rules.List[i])
	}
	r.behindStop(rules)
	if dive := rules.Dive; dive != nil {
		r.judgeDive(dive)
	}
}

// judgeDive judges the rules of elements, and of the keys of a map.
func (r ruled) judgeDive(rules *model.Rules) {
	if rule.Of(r.t)&rule.Collection == 0 {
		r.addOnWay(diag.New(diag.RuleMisfit, r.rulePos(rules.Pos), "dive", r.valueName(), withArticle(r.t)).
			WithHint("dive goes into slices, arrays and maps"))
		return
	}
	if rules.Keys != nil {
		r.judgeKeyRules(rules.Keys)
	}
	if r.t.Elem != nil {
		r.enterValue("[]", r.t.Elem).judgeLevel(rules)
	}
}

func (r ruled) judgeKeyRules(rules *model.Rules) {
	pos := r.rulePos(rules.Pos)
	switch {
	case r.t.Under() != model.Map:
		r.addOnWay(diag.New(diag.RuleKeys, pos, "keys", r.valueName()+" is "+withArticle(r.t)).
			WithHint("only maps have keys"))
	case rules.Unclosed:
		r.addOnWay(diag.New(diag.RuleKeys, pos, "keys", "endkeys is missing").
			WithHint("write dive,keys,…,endkeys,…: rules of the keys, then those of the values"))
	default:
		r.enterValue("[key]", r.t.Key).judgeLevel(rules)
	}
}

// behindStop reports the rules behind structonly or nostructlevel, because they are never asked.
func (r ruled) behindStop(rules *model.Rules) {
	for i, one := range rules.List {
		entry, ok := rule.Find(one.Name)
		if !ok || entry.Form != rule.Stop {
			continue
		}
		if i+1 < len(rules.List) {
			behind := rules.List[i+1]
			r.addOnWay(diag.New(diag.RuleBehind, r.rulePos(behind.Pos), behind.Name, one.Name).
				WithHint("put it in front of %s", one.Name))
		}
		return
	}
}

func (r ruled) rulePos(pos model.Pos) model.Pos {
	if pos.IsValid() {
		return pos
	}
	return r.pos
}

// enterValue goes to what the value holds.
func (r ruled) enterValue(step string, t *model.Type) ruled {
	r.walk, r.inside, r.t = r.stepInto(step, t), r.inside+step, t.Pointed()
	return r
}

// addOnWay draws the way to a value that is not the field itself.
func (r ruled) addOnWay(d diag.Diagnostic) {
	if r.inside != "" {
		r.addWithWay(d)
		return
	}
	r.addAtField(d)
}

// valueName names the value in a message.
func (r ruled) valueName() string { return r.field.Name + r.inside }

// judgeWord judges one word of the tag.
func (r ruled) judgeWord(one *model.Rule) {
	if len(one.Or) > 0 {
		r.judgeAlternatives(one.Or)
		return
	}
	entry, ok := rule.Find(one.Name)
	pos := r.rulePos(one.Pos)
	switch {
	case one.Name == "" && one.Param == "":
		r.addOnWay(diag.New(diag.RuleEmpty, pos, r.field.Name).WithHint("rules stand apart by single commas"))
	case one.Name == "keys" || one.Name == "endkeys":
		r.addOnWay(diag.New(diag.RuleKeys, pos, one.Name, "it stands right behind dive, and endkeys behind it").
			WithHint("write dive,keys,…,endkeys,…: rules of the keys, then those of the values"))
	case !ok:
		r.unknownRule(pos, one)
	case r.t.Kind == model.Invalid || rule.Of(r.t) == 0:
		// The type itself is reported.
	case rule.Of(r.t)&entry.Fits() == 0:
		r.addOnWay(diag.New(diag.RuleMisfit, pos, one.Name, r.valueName(), withArticle(r.t)).WithHint("%s", misfitHint(entry, r.t)))
	default:
		r.judgeParam(one, entry)
	}
}

// judgeAlternatives judges a|b. Two that each exclude some value exclude none together.
func (r ruled) judgeAlternatives(rules []*model.Rule) {
	excluding := 0
	for _, one := range rules {
		r.judgeAlternative(one)
		if entry, ok := rule.Find(one.Name); ok && (entry.Form == rule.Equal || entry.Form == rule.OneOf) && entry.Go == "!=" {
			excluding++
		}
		if excluding == 2 {
			r.addOnWay(diag.New(diag.RuleAlternative, r.rulePos(one.Pos), one.Name).
				WithHint("what one of the two excludes, the other takes: a comma stands between rules that must both hold"))
			return
		}
	}
}

// judgeAlternative judges one of a|b: a rule that can be kept or broken.
func (r ruled) judgeAlternative(one *model.Rule) {
	if entry, ok := rule.Find(one.Name); one.Name == "dive" || ok && (entry.Form == rule.Omit || entry.Form == rule.Stop) {
		r.addOnWay(diag.New(diag.RuleAlternative, r.rulePos(one.Pos), one.Name).
			WithHint("it stands by itself, between commas; eq= takes the empty text, len=0 what has no elements"))
		return
	}
	r.judgeWord(one)
}

// misfitHint says what a rule fits, or which one would do.
func misfitHint(entry *rule.Rule, t *model.Type) string {
	kind := rule.Of(t)
	switch {
	case entry.Form == rule.Field && kind&rule.Struct != 0:
		return "the reference takes any two structs of one type for equal: compare their fields, or write a method with //necro:check"
	case entry.Form == rule.Field && kind&rule.Collection != 0:
		return strings.Replace(entry.Name, "field", "csfield", 1) + " compares lengths"
	case kind == rule.Any:
		return "an interface takes rules about being there: required, omitempty, required_if and their like"
	}
	return "it fits " + entry.Fits().String()
}

// unknownRule tells a rule that is not supported from a misspelt one.
func (r ruled) unknownRule(pos model.Pos, one *model.Rule) {
	switch near := spelling.Nearest(strings.TrimSpace(one.Name), append(rule.Names(), rule.Later...)); {
	case apartByOthers(one) != "":
		r.addOnWay(diag.New(diag.UnknownRule, pos, one.Name).WithHint("rules stand apart by commas: %s", apartByOthers(one)))
	case slices.Contains(rule.Later, one.Name):
		r.addOnWay(diag.New(diag.RuleLater, pos, one.Name).WithHint("write it as a method with //necro:check"))
	case near != "":
		r.addOnWay(diag.New(diag.UnknownRule, pos, one.Name).WithHint("did you mean %q?", near))
	default:
		r.addOnWay(diag.New(diag.UnknownRule, pos, one.Name).WithHint("write rules of your own as methods with //necro:check"))
	}
}

// splitWords counts the rules at the beginning of a list that are one with a list of words, which
// commas part instead of spaces: "oneof=a,b,c".
func splitWords(rules []*model.Rule) int {
	first, ok := rule.Find(rules[0].Name)
	if !ok || first.Param != rule.Words || rules[0].Param == "" {
		return 1
	}
	n := 1
	for n < len(rules) && rules[n].Name != "" && rules[n].Param == "" && !isRuleWord(rules[n].Name) {
		n++
	}
	return n
}

func isRuleWord(name string) bool {
	_, known := rule.Find(name)
	return known || name == "keys" || name == "endkeys" || slices.Contains(rule.Later, name) || strings.ContainsAny(name, "|=")
}

func (r ruled) splitWords(rules []*model.Rule) {
	words := []string{rules[0].Param}
	for _, one := range rules[1:] {
		words = append(words, one.Name)
	}
	r.addOnWay(diag.New(diag.UnknownRule, r.rulePos(rules[1].Pos), rules[1].Name).
		WithHint("a comma begins the next rule, words stand apart by spaces: %s=%s", rules[0].Name, strings.Join(words, " ")))
}

// apartByOthers writes several rules with commas between them that semicolons or spaces part:
// "required;min=3". It is "" for a single rule.
func apartByOthers(one *model.Rule) string {
	text := one.Name
	if one.Param != "" {
		text += "=" + one.Param
	}
	parts := strings.FieldsFunc(text, func(c rune) bool { return c == ';' || c == ' ' })
	for _, part := range parts {
		name, _, _ := strings.Cut(part, "=")
		if _, known := rule.Find(name); !known {
			return ""
		}
	}
	if len(parts) < 2 {
		return ""
	}
	return strings.Join(parts, ",")
}

// withArticle writes a type for a sentence: "a string", "an int".
func withArticle(t *model.Type) string {
	if t.Desc != "" && strings.ContainsRune("aeiou", rune(t.Desc[0])) && !strings.HasPrefix(t.Desc, "u") {
		return "an " + t.Desc
	}
	return "a " + t.Desc
}
