package model

import (
	"strings"
	"testing"
)

// TestSelected: the shallowest field wins, two of one depth are none, and pointers are followed.
func TestSelected(t *testing.T) {
	structure := func(fields ...*Field) *Type { return &Type{Kind: Struct, Fields: fields} }
	plain := func(name string) *Field { return &Field{Name: name, Type: &Type{Kind: Int}} }
	embed := func(name string, t *Type) *Field { return &Field{Name: name, Embedded: true, Type: t} }

	deep := structure(plain("ID"), plain("Deep"))
	left := structure(embed("Deep1", deep), plain("Both"), plain("Left"))
	right := structure(plain("Both"), plain("ID"))
	loop := structure(plain("Own"))
	loop.Fields = append(loop.Fields, embed("Loop", &Type{Kind: Pointer, Elem: loop}))
	outer := structure(
		embed("L", left), embed("R", &Type{Kind: Pointer, Elem: right}),
		&Field{Name: "Named", Type: structure(plain("Hidden"))}, embed("Loop", loop),
		embed("F", &Type{Kind: Foreign, ForeignKind: Struct, Fields: []*Field{plain("Foreign")}}),
	)
	for name, want := range map[string]string{
		"L": "L", "Left": "L.Left", "ID": "R.ID", "Deep": "L.Deep1.Deep", "Foreign": "F.Foreign", "Own": "Loop.Own",
		"Both": "", "Hidden": "", "Missing": "",
	} {
		var path []string
		for _, f := range outer.Selected(name) {
			path = append(path, f.Name)
		}
		if got := strings.Join(path, "."); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
