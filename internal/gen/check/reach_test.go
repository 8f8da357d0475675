package check

import (
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// A struct of package shop, whose field Held leads to other types. Positions tell by their line which field is meant.
func eventHolding(held *model.Type) *model.Event {
	field := &model.Field{Name: "Held", Path: "shop", Exported: true, Type: held, Pos: model.Pos{Filename: "shop.go", Line: 7}}
	return &model.Event{GoName: "Order", Path: "shop", PkgName: "shop", Pos: model.Pos{Filename: "shop.go", Line: 5},
		Struct: structOf("shop", "Order", field)}
}

func structOf(path, name string, fields ...*model.Field) *model.Type {
	pkg := path[strings.LastIndex(path, "/")+1:]
	return &model.Type{Kind: model.Struct, Name: name, Path: path, PkgName: pkg, Desc: pkg + "." + name, Fields: fields}
}

func fieldOf(path, name string, t *model.Type, line int) *model.Field {
	return &model.Field{Name: name, Path: path, Exported: true, Type: t, Pos: model.Pos{Filename: path + ".go", Line: line}}
}

func sliceOf(elem *model.Type) *model.Type {
	return &model.Type{Kind: model.Slice, Elem: elem, Desc: "[]" + elem.Desc}
}

func TestReachable(t *testing.T) {
	hidden := structOf("lib", "hidden")
	inner := structOf("shop", "inner", fieldOf("shop", "Deep", hidden, 12))
	program := structOf("tool", "Option")
	program.PkgName = "main"
	for _, test := range []struct {
		name string
		held *model.Type
		want string
		line int // of the innermost field of the package itself
	}{
		{"an exported type", structOf("lib", "Open"), "", 0},
		{"an unexported type of the package itself", structOf("shop", "own"), "", 0},
		{"an unexported type of another package", hidden, "NC095 Order.Held: lib.hidden is not exported", 7},
		{"elements", sliceOf(hidden), "NC095 Order.Held[]: lib.hidden is not exported", 7},
		{"a field of another package", structOf("lib", "Open", fieldOf("lib", "Deep", hidden, 3)), "NC095 Order.Held.Deep: lib.hidden is not exported", 7},
		{"a field of the package itself, further in", inner, "NC095 Order.Held.Deep: lib.hidden is not exported", 12},
		{"a program", program, "NC095 Order.Held: package main, with tool.Option, can't be imported", 7},
		{"a package internal to another", structOf("other/internal/kit", "Part"), "NC095 Order.Held: other/internal/kit, with kit.Part, is internal to other", 7},
		{"a package internal to this one", structOf("shop/internal/kit", "Part"), "", 0},
	} {
		shop := &model.Package{Path: "shop", Name: "shop", Events: []*model.Event{eventHolding(test.held)}}
		c := &checker{topology: &model.Topology{Packages: []*model.Package{shop, {Path: "lib"}, {Path: "tool"}, {Path: "other/internal/kit"}}}}
		c.checkReachable(shop)
		if got := messages(c.diags); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		} else if got != "" && c.diags[0].Pos.Line != test.line {
			t.Errorf("%s: told in line %d, want %d", test.name, c.diags[0].Pos.Line, test.line)
		}
	}
}

// TestReachableInAnotherModule: its source can't be changed, so the mistake is told at the field that leads there, and the
// hint says what to do about that field.
func TestReachableInAnotherModule(t *testing.T) {
	outer := structOf("far", "Open", fieldOf("far", "Deep", structOf("far", "hidden"), 3), fieldOf("far", "More", structOf("far", "hidden"), 4))
	shop := &model.Package{Path: "shop", Name: "shop", Events: []*model.Event{eventHolding(outer)}}
	c := &checker{topology: &model.Topology{Packages: []*model.Package{shop}}}
	c.checkReachable(shop)
	if len(c.diags) != 0 {
		t.Fatalf("told at once: %v", c.diags)
	}
	c.foreignMistakes()
	if got, want := messages(c.diags), "NC095 Order.Held.Deep: far.hidden is not exported"; got != want {
		t.Fatalf("got %q, want %q once for the type", got, want)
	}
	if d := c.diags[0]; d.Pos.Line != 7 || d.Hint != foreignHint(outer) {
		t.Errorf("got %+v", d)
	}
}

// TestChecksReachable: validators of one package call the cross-field rules of the structs that it holds.
func TestChecksReachable(t *testing.T) {
	for _, test := range []struct {
		path, check string
		event       bool // the struct is an event, whose own Validate runs its checks
		want        string
	}{
		{"shop", "known", false, ""},
		{"lib", "Known", false, ""},
		{"lib", "known", true, ""},
		{"lib", "known", false, "NC095 Part.known: the validators of package shop can't call it"},
	} {
		held := structOf(test.path, "Part")
		held.Checks = []*model.Check{{Name: test.check}}
		if test.event {
			held.Event = &model.Event{Path: test.path}
		}
		shop := &model.Package{Path: "shop", Name: "shop"}
		c := &checker{topology: &model.Topology{Packages: []*model.Package{shop}}}
		c.checksReachable(shop, rootStruct{goName: "Order", typ: eventHolding(sliceOf(held)).Struct})
		if got := messages(c.diags); got != test.want {
			t.Errorf("%s.%s: got %q, want %q", test.path, test.check, got, test.want)
		}
	}
}

func TestReferenceOf(t *testing.T) {
	for desc, want := range map[string]string{
		"Order":                             "Order",
		"*Order":                            "Order",
		"[]*shop.Order":                     "shop.Order",
		"...shop.Order":                     "shop.Order",
		"necro.Emit[Order]":                 "Order",
		"necro.Emit[necro.Out[shop.Order]]": "shop.Order",
		"*necro.Out[*shop.Order]":           "shop.Order",
	} {
		if got := referenceOf(desc).String(); got != want {
			t.Errorf("%s names %s, want %s", desc, got, want)
		}
	}
}
