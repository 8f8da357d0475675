package rule

import (
	"slices"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// TestTable: every entry is whole, no name comes twice, and none is said to be missing.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		if seen[r.Name] || slices.Contains(Later, r.Name) {
			t.Errorf("%s comes twice", r.Name)
		}
		seen[r.Name] = true
		if r.Fits() == 0 || r.Group == "" {
			t.Errorf("%s fits nothing, or stands in no group", r.Name)
		}
		if r.Says == "" && r.Form != Omit && r.Form != Stop {
			t.Errorf("%s says nothing", r.Name)
		}
		if (r.Form == Call) != (r.On == 0) {
			t.Errorf("%s: only a call does without On", r.Name)
		}
	}
}

func TestOf(t *testing.T) {
	elem := &model.Type{Kind: model.Uint8}
	for _, c := range []struct {
		t    model.Type
		want string
	}{
		{model.Type{Kind: model.String, Stringer: true}, "strings"},
		{model.Type{Kind: model.Int16}, "signed integers"},
		{model.Type{Kind: model.Duration}, "durations"},
		{model.Type{Kind: model.Foreign, ForeignKind: model.Array, Stringer: true}, "slices, arrays, what has String()"},
		{model.Type{Kind: model.Foreign, ForeignKind: model.Struct, TimeLike: true}, "times"},
		{model.Type{Kind: model.Foreign, ForeignKind: model.Slice, Elem: elem}, "[]byte"},
		{model.Type{Kind: model.Error}, "interfaces"},
		{model.Type{Kind: model.Other}, ""},
	} {
		if got := Of(&c.t).String(); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.t, got, c.want)
		}
	}
}

func TestKinds(t *testing.T) {
	for k, want := range map[Kinds]string{
		Anything: "everything", Concrete: "everything but interfaces", Text | Number: "strings, numbers",
		Measured: "strings, numbers, slices, arrays, maps, durations", Text | Int | Uint: "strings, integers",
		Text | Stringer: "strings, what has String()", Int | Uint: "integers",
	} {
		if got := k.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestExpression(t *testing.T) {
	for _, c := range []struct {
		name string
		of   Kinds
		want string
		as   Kinds
	}{
		{"latitude", Text, "rules.Latitude(x)", Text}, {"latitude", Float, "rules.Degrees(x, 90)", Number},
		{"uuid", List | Stringer, "rules.UUID(x)", Stringer}, {"email", Int, "", 0},
	} {
		r, ok := Find(c.name)
		if !ok {
			t.Fatal(c.name)
		}
		if expr, as := r.Expression(c.of); expr != c.want || as != c.as {
			t.Errorf("%s: got %q as %v", c.name, expr, as)
		}
	}
}
