package check

import (
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

var (
	errParamMissing = errors.New("a parameter is missing")
	errNumber       = errors.New("its parameter must be a number")
	errInteger      = errors.New("its parameter must be an integer")
	errUnsigned     = errors.New("its parameter must be an integer of at least 0")
	errDuration     = errors.New("its parameter must be a duration such as 2s")
	errBool         = errors.New("its parameter must be true or false")
	errTimeParam    = errors.New("on a time it compares with the present and takes no parameter")
	errChar         = errors.New("its parameter must be one character")
	errLayout       = errors.New("its parameter must be a layout of package time, such as 2006-01-02")
	errMapParam     = errors.New("on a map it takes no field")
)

// judgeParam judges the parameter of a rule that fits.
func (r ruled) judgeParam(one *model.Rule, entry *rule.Rule) {
	if entry.Param == rule.None {
		if one.Param != "" {
			r.addOnWay(diag.New(diag.RuleNoParam, r.rulePos(one.Pos), one.Name).WithHint("write only %s", one.Name))
		}
		return
	}
	if err := paramError(r.t, one, entry); err != nil {
		hint := ruleHint(r.t, entry, err)
		if rules := apartByOthers(one); rules != "" {
			hint = "rules stand apart by commas: " + rules
		}
		r.addOnWay(diag.New(diag.RuleParam, r.rulePos(one.Pos), one.Name, err).WithHint("%s", hint))
		return
	}
	switch entry.Param {
	case rule.Path:
		r.judgeFieldPath(one, entry)
	case rule.Paths:
		r.judgeFieldList(one)
	case rule.Pairs:
		r.judgeFieldPairs(one)
	case rule.Elem:
		r.judgeUniqueBy(one)
	case rule.Variable:
		r.judgePattern(one)
	}
}

// paramError judges a parameter by itself.
func paramError(t *model.Type, one *model.Rule, entry *rule.Rule) error {
	switch entry.Param {
	case rule.Size:
		return sizeError(t, one.Param)
	case rule.Value:
		return valueError(t, one.Param)
	case rule.Elem:
		if one.Param != "" && t.Under() == model.Map {
			return errMapParam
		}
		return nil
	}
	switch {
	case one.Param == "" || entry.Param >= rule.Words && len(one.Words) == 0:
		return errParamMissing
	case entry.Param == rule.Char && utf8.RuneCountInString(one.Param) != 1:
		return errChar
	case entry.Param == rule.Layout && !isCompleteLayout(one.Param):
		return errLayout
	case entry.Param == rule.Words:
		return wordsError(t, one.Words)
	}
	return nil
}

// sizeError judges the parameter of a comparison, as the reference reads it for the type.
func sizeError(t *model.Type, param string) error {
	var err error
	switch kind := rule.Of(t); {
	case kind&rule.Time != 0 && param != "":
		return errTimeParam
	case kind&rule.Time != 0:
		return nil
	case param == "":
		return errParamMissing
	case kind&rule.Duration != 0:
		if _, err = time.ParseDuration(param); err != nil {
			_, err = strconv.ParseInt(param, 0, 64)
		}
		return orNil(err, errDuration)
	case kind&rule.Float != 0:
		_, err = strconv.ParseFloat(param, floatBits(t))
		return orNil(err, errNumber)
	case kind&rule.Uint != 0:
		_, err = strconv.ParseUint(param, 0, 64)
		return orNil(err, errUnsigned)
	}
	_, err = strconv.ParseInt(param, 0, 64)
	return orNil(err, errInteger)
}

func floatBits(t *model.Type) int {
	if t.Under() == model.Float32 {
		return 32
	}
	return 64
}

// valueError judges the parameter of eq and ne.
func valueError(t *model.Type, param string) error {
	switch kind := rule.Of(t); {
	case kind&rule.Text != 0:
		return nil
	case kind&rule.Bool != 0:
		_, err := strconv.ParseBool(param)
		return orNil(err, errBool)
	}
	return sizeError(t, param)
}

// wordsError judges the parameter of oneof.
func wordsError(t *model.Type, words []model.Word) error {
	if rule.Of(t)&rule.Text != 0 {
		return nil
	}
	for _, w := range words {
		if _, err := strconv.ParseInt(w.Text, 10, 64); err != nil {
			if _, err := strconv.ParseUint(w.Text, 10, 64); err != nil {
				return fmt.Errorf("%q is not an integer", w.Text)
			}
		}
	}
	return nil
}

// isCompleteLayout says whether a layout has any element: two times that differ in all of them do not
// look the same.
func isCompleteLayout(s string) bool {
	a := time.Date(2001, 2, 3, 4, 5, 6, 123456789, time.UTC)
	b := time.Date(2022, 11, 22, 17, 18, 19, 987654321, time.FixedZone("X", 3600))
	return a.Format(s) != b.Format(s)
}

func orNil(err, say error) error {
	if err == nil {
		return nil
	}
	return say
}
