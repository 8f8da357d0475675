package compare

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"

	necro "github.com/necrostack/necrogen/runtime"
)

// Validator returns the reference. Its paths get wire names, and marks around the names of
// embedded structs, which ours leave out.
func Validator() *validator.Validate {
	v := validator.New()
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name := WireName(f)
		switch {
		case isInlined(f):
			return embedded + f.Name + embedded
		case name == "-":
			return f.Name
		}
		return name
	})
	return v
}

// embedded stands around the name of an embedded struct: no key of a map holds it.
const embedded = "\x01embedded\x02"

var (
	embeddedStep = regexp.MustCompile(embedded + `[\pL_][\pL\d_]*` + embedded + `\.`)
	embeddedEnd  = regexp.MustCompile(embedded + `([\pL_][\pL\d_]*)` + embedded + `$`)
)

// listViolations lists violations as path, rule and parameter, without those of //necro:check,
// which the reference does not know.
func listViolations(err error) (list []string, other error) {
	invalid, ok := errors.AsType[*necro.ValidationError](err)
	if !ok {
		return nil, err
	}
	for _, v := range invalid.Violations {
		if v.Rule != "check" {
			list = append(list, fmt.Sprintf("%s %s=%s", v.Path, v.Rule, v.Param))
		}
	}
	slices.Sort(list)
	return list, nil
}

// expectedViolations is the reference's verdict. Its paths begin with the type.
func expectedViolations(err error) (list []string, other error) {
	invalid, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return nil, err
	}
	for _, v := range invalid {
		path := embeddedStep.ReplaceAllString(v.Namespace(), "")
		path = embeddedEnd.ReplaceAllString(path, "$1")
		param := v.Param()
		if strings.Contains(v.Tag(), "|") {
			param = "" // that of the last alternative
		}
		list = append(list, fmt.Sprintf("%s %s=%s", cutTypeName(path), v.Tag(), param))
	}
	slices.Sort(list)
	return list, nil
}

// cutTypeName cuts the name of the type off.
func cutTypeName(path string) string {
	for i := range path {
		if path[i] == '.' {
			return path[i+1:]
		}
	}
	return path
}

// ErrUnjudged says that the reference panics at a value: at a nil pointer, say, that a rule about
// other fields lets through to one that wants a number.
var ErrUnjudged = errors.New("the reference does not judge it")

// Verdict compares the verdicts on a value, and returns the number of violations.
func Verdict(v *validator.Validate, e necro.Event) (violations int, err error) {
	got, err := listViolations(catchPanic(e.Validate))
	if err != nil {
		return 0, err
	}
	var judged error
	if catchPanic(func() error { judged = v.Struct(e); return nil }) != nil {
		return 0, ErrUnjudged
	}
	want, err := expectedViolations(judged)
	if err != nil {
		return 0, fmt.Errorf("the reference: %w", err)
	}
	got = forNil(got, want)
	if !slices.Equal(got, want) {
		return 0, fmt.Errorf("too much %q, missing %q, of %+v", removeAll(got, want), removeAll(want, got), e)
	}
	return len(want), nil
}

func removeAll(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(others, s) })
}

// Doors wants a value that is valid when it is published to be valid when it is read. A value that cannot be
// written is not published.
func Doors(e necro.Event) error {
	if e.Validate() != nil {
		return nil
	}
	b, err := e.AppendMsgpack(nil)
	if err != nil {
		return nil
	}
	read := Empty(e)
	if _, err := read.ReadMsgpack(b); err != nil {
		return fmt.Errorf("%+v is written as % x, which can't be read: %w", e, b, err)
	}
	if err := read.Validate(); err != nil {
		return fmt.Errorf("%+v is valid, and %+v is read: %w", e, read, err)
	}
	return nil
}
