package invent

import (
	"reflect"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/rule"
)

// drawn are the rules of the table that are drawn: not pattern, which the reference does not
// know, nor those behind which nothing may stand.
var drawn = slices.DeleteFunc(slices.Clone(rule.All()), func(r *rule.Rule) bool {
	return r.Param == rule.Variable || r.Form == rule.Stop || r.Form == rule.Omit
})

// ruleKinds says what a type is to rules.
func (t *typ) ruleKinds() rule.Kinds {
	switch t.sort {
	case timeSort:
		return rule.Time
	case duration:
		return rule.Duration
	case foreign, dynamic:
		return rule.Any // what fits everything
	}
	switch t.kind {
	case reflect.String:
		return rule.Text
	case reflect.Bool:
		return rule.Bool
	case reflect.Float32, reflect.Float64:
		return rule.Float
	case reflect.Map:
		return rule.Map
	case reflect.Struct:
		return rule.Struct
	case reflect.Slice, reflect.Array:
		if t.kind == reflect.Slice && t.elem.kind == reflect.Uint8 && t.elem.sort == plain {
			return rule.Bytes
		}
		return rule.List
	}
	switch {
	case t.kind >= reflect.Int && t.kind <= reflect.Int64:
		return rule.Int
	case t.kind >= reflect.Uint && t.kind <= reflect.Uint64:
		return rule.Uint
	}
	return 0
}

func (t *typ) isKind(k rule.Kinds) bool { return t.ruleKinds()&k != 0 }

// fieldRules draws the validate tag of a field.
func (g *gen) fieldRules(d *structDef, f *field) {
	if f.also != "" || f.name == "" || !isExported(f.name) || leftOut(f) || g.IntN(3) == 0 {
		return
	}
	if g.IntN(25) == 0 {
		f.validate = "-"
		return
	}
	others := *d // a rule that compares a field with itself is suspect to go vet
	others.fields = slices.DeleteFunc(slices.Clone(d.fields), func(o *field) bool { return o == f || strings.HasPrefix(o.msgpack, "-") })
	f.validate = strings.Join(g.drawLevel(&others, f.typ, 0), ",")
}

// leftOut says whether readers may find a field missing that was there: rules on it can be broken by
// that alone.
func leftOut(f *field) bool {
	return strings.HasPrefix(f.msgpack, "-") || strings.Contains(f.msgpack, "omitempty") && f.typ.isKind(rule.Bytes|rule.List|rule.Map)
}

// drawLevel draws the words of a value, then those of its elements.
func (g *gen) drawLevel(d *structDef, t *typ, depth int) []string {
	pointer := t.kind == reflect.Pointer
	t = t.withoutPointers()
	if t.std == "database/sql" {
		return nil // its own method says what the reference sees in it
	}
	var words []string
	switch g.IntN(6) {
	case 0, 1:
		words = append(words, "omitempty")
	case 2:
		words = append(words, "required")
	case 3:
		words = append(words, "omitnil")
	case 4:
		if !t.isKind(rule.Any) {
			words = append(words, "omitzero")
		}
	}
	for range g.IntN(3) {
		w := g.drawRule(d, t, depth)
		if w != "" && !pointer {
			w = g.addAlternative(w, d, t, depth)
		}
		if w != "" {
			words = append(words, w)
		}
		if pointer && isCondition(w) {
			break // of a nil pointer that it lets through the reference has a text
		}
	}
	if !t.isKind(rule.Collection) || g.IntN(3) == 0 || t.kind == reflect.Map && t.key.isKind(rule.Duration) {
		return words // in paths the reference writes a duration as its String method does
	}
	words = append(words, "dive")
	if t.kind == reflect.Map && g.IntN(2) == 0 {
		words = append(append(append(words, "keys"), g.drawLevel(d, t.key, depth+1)...), "endkeys")
	}
	return append(words, g.drawLevel(d, t.elem, depth+1)...)
}

// addAlternative adds a second rule to one, of which one must hold, now and then.
func (g *gen) addAlternative(w string, d *structDef, t *typ, depth int) string {
	if g.IntN(8) > 0 || t.isKind(rule.Struct) || !canAlternate(w) {
		return w
	}
	if other := g.drawRule(d, t, depth); other != "" && canAlternate(other) {
		w += "|" + other
	}
	return w
}

// canAlternate leaves out the rules of which one always holds, which go vet suspects, and those
// that the reference takes for a list of others.
func canAlternate(word string) bool {
	name, _, _ := strings.Cut(word, "=")
	return !isCondition(word) && !slices.Contains(strings.Fields("ne noneof iscolor country_code eu_country_code"), name)
}

// isCondition says whether a rule is one about other fields being there.
func isCondition(word string) bool {
	name, _, _ := strings.Cut(word, "=")
	r, ok := rule.Find(name)
	return ok && r.Form == rule.When
}

// drawRule draws a rule with its parameter.
func (g *gen) drawRule(d *structDef, t *typ, depth int) string {
	for range 20 {
		r := pickOne(g, drawn)
		if r.Fits()&t.ruleKinds() == 0 || r.Group == rule.Texts && g.IntN(3) > 0 || r.Param == rule.Elem && !t.elem.isComparable() {
			continue
		}
		if param, ok := g.drawParam(r, d, t); ok {
			return strings.TrimSuffix(r.Name+"="+param, "=")
		}
	}
	return ""
}

// isComparable says whether elements of a type can be compared for certain.
func (t *typ) isComparable() bool {
	if t.kind == reflect.Pointer {
		t = t.elem
	}
	return !t.incomparable && t.kind != reflect.Pointer && t.kind != reflect.Struct && t.kind != reflect.Interface &&
		t.kind != reflect.Array
}
