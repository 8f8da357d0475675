package difftest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-playground/validator/v10"

	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	"github.com/necrostack/necrogen/internal/proof/difftest/shapes"
	necro "github.com/necrostack/necrogen/runtime"
)

// TestDifferences: where our verdict is not the reference's, docs/validation.md says so. When one
// of these fails, the reference was changed, or we were.
func TestDifferences(t *testing.T) {
	no, one, text, two := false, 1, "x", "xy"
	base := shapes.Differing{NilOr: &two, Mixin: &shapes.Mixin{Mix: "m"}, NilS: &text, NilI: &one, IfBool: "x", IfInt: "x"}
	for name, c := range map[string]struct {
		change       func(e *shapes.Differing)
		ours, theirs string
	}{
		"none":                          {func(*shapes.Differing) {}, "", ""},
		"nil text behind a condition":   {func(e *shapes.Differing) { e.NilS = nil }, "nil_s excludes", ""},
		"nil number behind a condition": {func(e *shapes.Differing) { e.NilI = nil }, "nil_i gt", "panic: Bad field type *int"},
		"embedded nil on the way":       {func(e *shapes.Differing) { e.Mixin, e.Mixed = nil, "m" }, "mixed eqfield", "panic: reflect: indirection through nil pointer to embedded struct"},
		"false is not nil":              {func(e *shapes.Differing) { e.Bool, e.IfBool = &no, "" }, "", "if_bool required_if"},
		"1 is not nil":                  {func(e *shapes.Differing) { e.Int, e.IfInt = &one, "" }, "", `panic: strconv.ParseInt: parsing "nil": invalid syntax`},
		"kelvin":                        {func(e *shapes.Differing) { e.ULID = "01ARZ3NDE\u212aTSV4RRFFQ69G5FAV" }, "ulid ulid", ""},
		"long s":                        {func(e *shapes.Differing) { e.ULID = "01ARZ3NDEKT\u017fV4RRFFQ69G5FAV" }, "ulid ulid", ""},
		"CVE":                           {func(e *shapes.Differing) { e.CVE = "CVE-2024-0x12" }, "cve cve", ""},
		"service":                       {func(e *shapes.Differing) { e.Addr = "1.2.3.4:http" }, "addr tcp_addr", ""},
		"bracket":                       {func(e *shapes.Differing) { e.Addr = "]:1" }, "addr tcp_addr", "panic: runtime error: slice bounds out of range"},
		"inside of an interface":        {func(e *shapes.Differing) { e.Any = shapes.Leg{Qty: 1, Price: 1} }, "", "any.symbol required"},
		"String of a key":               {func(e *shapes.Differing) { e.Speak = map[shapes.Voice]int{"a": 0} }, "speak[a] gt", "speak[<a>] gt"},
		"nil with alternatives":         {func(e *shapes.Differing) { e.NilOr = nil }, "nil_or len=2|email", "nil_or email"},
		"alias in alternatives":         {func(e *shapes.Differing) { e.Color = "red" }, "color iscolor|len=2", "color hexcolor|rgb|rgba|hsl|hsla|cmyk|len=2"},
	} {
		e := base
		c.change(&e)
		if got := ours(&e); got != c.ours {
			t.Errorf("%s: ours is %q", name, got)
		}
		if got := theirs(&e); got != c.theirs && (c.theirs == "" || !strings.HasPrefix(got, c.theirs)) {
			t.Errorf("%s: theirs is %q", name, got)
		}
	}
}

func ours(e necro.Event) string {
	var list []string
	if invalid, ok := errors.AsType[*necro.ValidationError](e.Validate()); ok {
		for _, v := range invalid.Violations {
			list = append(list, v.Path+" "+v.Rule)
		}
	}
	return strings.Join(list, ", ")
}

func theirs(e necro.Event) (verdict string) {
	defer func() {
		if p := recover(); p != nil {
			verdict = fmt.Sprint("panic: ", p)
		}
	}()
	var list []string
	if invalid, ok := errors.AsType[validator.ValidationErrors](compare.Validator().Struct(e)); ok {
		for _, v := range invalid {
			_, path, _ := strings.Cut(v.Namespace(), ".")
			list = append(list, path+" "+v.Tag())
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
