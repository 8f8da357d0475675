package check

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// rule says which types a validation rule fits, and what its parameter must be.
type rule struct {
	fits  func(*spec.Type) bool
	param func(t *spec.Type, param string) error // nil for a rule without a parameter
}

// rules are those that the generated validators know.
var rules = map[string]rule{
	"required":  {fits: anyType},
	"omitempty": {fits: anyType},
	"min":       {fits: ordered, param: bound},
	"max":       {fits: ordered, param: bound},
	"gt":        {fits: ordered, param: bound},
	"gte":       {fits: ordered, param: bound},
	"lt":        {fits: ordered, param: bound},
	"lte":       {fits: ordered, param: bound},
	"len":       {fits: measured, param: bound},
	"oneof":     {fits: listed, param: words},
	"email":     {fits: text},
	"uuid":      {fits: text},
	"url":       {fits: text},
	"eqfield":   {fits: anyType, param: field},
}

func anyType(*spec.Type) bool { return true }
func text(t *spec.Type) bool  { return t.Kind == spec.String }
func listed(t *spec.Type) bool {
	return t.Kind == spec.String || integer(t) || t.Kind == spec.Duration
}
func integer(t *spec.Type) bool { return t.Kind >= spec.Int && t.Kind <= spec.Uint64 }
func number(t *spec.Type) bool  { return t.Kind >= spec.Int && t.Kind <= spec.Float64 }
func ordered(t *spec.Type) bool { return measured(t) || t.Kind == spec.Time }
func measured(t *spec.Type) bool {
	return t.Kind == spec.String || number(t) || collection(t) || t.Kind == spec.Duration
}
func collection(t *spec.Type) bool {
	return t.Kind == spec.Slice || t.Kind == spec.Array || t.Kind == spec.Map || t.Kind == spec.Bytes
}

var (
	errParamMissing = errors.New("a parameter is missing")
	errNumber       = errors.New("its parameter must be a number")
	errInteger      = errors.New("its parameter must be an integer")
	errUnsigned     = errors.New("its parameter must be an integer of at least 0")
	errDuration     = errors.New("its parameter must be a duration such as 2s")
	errTimeParam    = errors.New("on a time it compares with the present and takes no parameter")
)

// bound judges the parameter of a comparison, as the reference reads it for the type.
func bound(t *spec.Type, param string) error {
	var err error
	switch {
	case t.Kind == spec.Time && param != "":
		return errTimeParam
	case t.Kind == spec.Time:
		return nil
	case param == "":
		return errParamMissing
	case t.Kind == spec.Duration:
		if _, err = time.ParseDuration(param); err != nil {
			_, err = strconv.ParseInt(param, 0, 64)
		}
		return orNil(err, errDuration)
	case t.Kind == spec.Float32 || t.Kind == spec.Float64:
		_, err = strconv.ParseFloat(param, 64)
		return orNil(err, errNumber)
	case t.Kind >= spec.Uint && t.Kind <= spec.Uint64:
		_, err = strconv.ParseUint(param, 0, 64)
		return orNil(err, errUnsigned)
	}
	_, err = strconv.ParseInt(param, 0, 64)
	return orNil(err, errInteger)
}

// words judges the parameter of oneof.
func words(t *spec.Type, param string) error {
	if strings.TrimSpace(param) == "" {
		return errParamMissing
	}
	if !integer(t) && t.Kind != spec.Duration {
		return nil
	}
	for word := range strings.FieldsSeq(param) {
		if _, err := strconv.ParseInt(word, 10, 64); err != nil {
			if _, err := strconv.ParseUint(word, 10, 64); err != nil {
				return errors.New(strconv.Quote(word) + " is not an integer")
			}
		}
	}
	return nil
}

// field leaves the judgement to fieldRule: it needs the struct around.
func field(_ *spec.Type, param string) error {
	if param == "" {
		return errParamMissing
	}
	return nil
}

func orNil(err, say error) error {
	if err == nil {
		return nil
	}
	return say
}

// rules judges the validate tag of a field, level by level.
func (w walk) rules(parent *spec.Type, f *spec.Field) {
	if f.Rules == nil || ignored(f.Rules) {
		return
	}
	t := f.Type
	for level := f.Rules; level != nil; level = level.Dive {
		t = pointed(t)
		for _, r := range level.List {
			w.rule(parent, f, t, r)
		}
		if level.Dive == nil {
			return
		}
		if !collection(t) {
			w.add(diag.New(diag.RuleMisfit, w.rulePos(level.Dive.Pos), "dive", f.Name, article(t)).
				WithHint("dive goes into slices, arrays and maps"))
			return
		}
		if t = t.Elem; t == nil {
			return
		}
	}
}

func (w walk) rulePos(pos spec.Pos) spec.Pos {
	if pos.IsValid() {
		return pos
	}
	return w.pos
}

// rule judges one word.
func (w walk) rule(parent *spec.Type, f *spec.Field, t *spec.Type, r *spec.Rule) {
	known, ok := rules[r.Name]
	pos := w.rulePos(r.Pos)
	switch {
	case r.Name == "" && r.Param == "":
		w.add(diag.New(diag.RuleEmpty, pos, f.Name))
	case !ok:
		w.unknownRule(pos, r)
	case t.Kind == spec.Invalid || t.Kind == spec.Foreign || t.Kind == spec.Any:
		// The type itself is reported.
	case !known.fits(t):
		w.add(diag.New(diag.RuleMisfit, pos, r.Name, f.Name, article(t)))
	case known.param == nil && r.Param != "":
		w.add(diag.New(diag.RuleNoParam, pos, r.Name))
	case known.param == nil:
	default:
		if err := known.param(t, r.Param); err != nil {
			w.add(diag.New(diag.RuleParam, pos, r.Name, err))
			return
		}
		if r.Name == "eqfield" {
			w.fieldRule(parent, f, t, r)
		}
	}
}

// unknownRule tells a rule that is not supported yet from a misspelt one.
func (w walk) unknownRule(pos spec.Pos, r *spec.Rule) {
	switch near := diag.Nearest(strings.TrimSpace(r.Name), vocabulary()); {
	case strings.Contains(r.Name, "|"):
		w.add(diag.New(diag.RuleLater, pos, r.Name).WithHint("alternatives are a job for //necro:check"))
	case slices.Contains(laterRules, r.Name):
		w.add(diag.New(diag.RuleLater, pos, r.Name).WithHint("write it as a method with //necro:check"))
	case near != "":
		w.add(diag.New(diag.UnknownRule, pos, r.Name).WithHint("did you mean %q?", near))
	default:
		w.add(diag.New(diag.UnknownRule, pos, r.Name).WithHint("write rules of your own as methods with //necro:check"))
	}
}

// vocabulary returns the rules that are supported, then those that are not.
func vocabulary() []string {
	words := []string{"dive"}
	for name := range rules {
		words = append(words, name)
	}
	slices.Sort(words)
	return append(words, laterRules...)
}

// fieldRule judges a rule that compares with another field of the struct.
func (w walk) fieldRule(parent *spec.Type, f *spec.Field, t *spec.Type, r *spec.Rule) {
	pos := w.rulePos(r.Pos)
	other, in := referred(parent, r.Param)
	if other == nil {
		d := diag.New(diag.RuleField, pos, r.Name, in.Desc, r.Param)
		if near := diag.Nearest(r.Param, fieldNames(in)); near != "" && !strings.Contains(r.Param, ".") {
			d = d.WithHint("did you mean %s=%s?", r.Name, near)
		} else {
			d = d.WithHint("it names a field of the same struct, or a path of fields, as Go does")
		}
		w.add(d)
		return
	}
	if ot := pointed(other.Type); plainKind(ot) != plainKind(t) {
		w.add(diag.New(diag.RuleFieldKind, pos, r.Name, f.Name, article(t), other.Name, article(ot)).
			WithRelated(other.Pos, "the other field"))
	}
}

// referred finds a field by its Go path, "Total" or "Price.Amount", also when it is promoted.
// Without one it returns the struct that lacks it.
func referred(t *spec.Type, path string) (*spec.Field, *spec.Type) {
	var f *spec.Field
	for name := range strings.SplitSeq(path, ".") {
		if f != nil {
			t = pointed(f.Type)
		}
		if f = promoted(t, name); f == nil {
			return nil, t
		}
	}
	return f, t
}

func promoted(t *spec.Type, name string) *spec.Field {
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	for _, f := range t.Fields {
		if f.Embedded && f.Type.Kind == spec.Struct {
			if inner := promoted(f.Type, name); inner != nil {
				return inner
			}
		}
	}
	return nil
}

func pointed(t *spec.Type) *spec.Type {
	for t.Kind == spec.Pointer {
		t = t.Elem
	}
	return t
}

// plainKind takes a duration for the int64 that it is.
func plainKind(t *spec.Type) spec.Kind {
	if t.Kind == spec.Duration {
		return spec.Int64
	}
	return t.Kind
}

// article writes a type for a sentence: "a string", "an int".
func article(t *spec.Type) string {
	if t.Desc != "" && strings.ContainsRune("aeiou", rune(t.Desc[0])) && !strings.HasPrefix(t.Desc, "u") {
		return "an " + t.Desc
	}
	return "a " + t.Desc
}
