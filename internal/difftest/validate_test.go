package difftest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-playground/validator/v10"

	necro "github.com/necrostack/necrogen/runtime"
)

// wireName is the name of a field on the wire, or its Go name.
func wireName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("msgpack"), ",")
	if name == "" {
		return f.Name
	}
	return name
}

func reference() *validator.Validate {
	v := validator.New()
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		if name := wireName(f); name != "-" {
			return name
		}
		return f.Name
	})
	return v
}

// verdict lists violations as path, rule and parameter, without those of //necro:check,
// which the reference does not know.
func verdict(t *testing.T, err error) []string {
	var list []string
	if invalid, ok := errors.AsType[*necro.ValidationError](err); ok {
		for _, v := range invalid.Violations {
			if v.Rule != "check" {
				list = append(list, fmt.Sprintf("%s %s=%s", v.Path, v.Rule, v.Param))
			}
		}
	} else if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// expected is the reference's verdict. Its paths begin with the type, and name embedded
// structs.
func expected(t *testing.T, err error) []string {
	var list []string
	if invalid, ok := errors.AsType[validator.ValidationErrors](err); ok {
		for _, v := range invalid {
			_, path, _ := strings.Cut(v.Namespace(), ".")
			path = strings.NewReplacer("Base.", "", "inner.", "").Replace(path)
			list = append(list, fmt.Sprintf("%s %s=%s", path, v.Tag(), v.Param()))
		}
	} else if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

func TestValidate(t *testing.T) {
	v := reference()
	compared, violations := 0, 0
	each(t, func(t *testing.T, e necro.Event, r *random) {
		for range *rounds {
			violations += sameVerdict(t, v, fresh(e, r))
			compared++
		}
	})
	t.Logf("%d values with %d violations compared", compared, violations)
}

// sameVerdict compares the verdicts, and returns the number of violations.
func sameVerdict(t *testing.T, v *validator.Validate, e necro.Event) int {
	t.Helper()
	got, want := verdict(t, e.Validate()), expected(t, v.Struct(e))
	if !slices.Equal(got, want) {
		t.Fatalf("%+v\ngot  %q\nwant %q", e, got, want)
	}
	return len(want)
}
