package diag

import (
	"bytes"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

func at(file string, line, column int) token.Position {
	return token.Position{Filename: file, Line: line, Column: column}
}

func TestText(t *testing.T) {
	dir := filepath.FromSlash("/home/app")
	inside, outside := filepath.Join(dir, "shop", "a.go"), filepath.FromSlash("/mod/b.go")
	ds := []Diagnostic{
		New(UnknownVerb, at(inside, 10, 2), "evnt").WithHint("did you mean %s?", "event"),
		New(UnknownVerb, at(inside, 9, 2), "x").WithRelated(at(outside, 1, 1), "first declared here"),
		New(UnknownVerb, at(inside, 9, 2), "x"),
		New(Refused, at(inside, 11, 1), "Order.Größe", "chan int").
			WithPath(Step{"Order", ""}, Step{".Größe", "[]Leg"}, Step{"[]", "Leg"}).WithPath(Step{".Price", "chan int"}),
		New(NotLoaded, token.Position{}, "p", "no"),
	}
	var b bytes.Buffer
	if err := Text(&b, dir, Style{}, ds); err != nil {
		t.Fatal(err)
	}
	const want = `NC002: cannot load p: no
shop/a.go:9:2: NC010: unknown directive //necro:x
	/mod/b.go:1:1: first declared here
shop/a.go:10:2: NC010: unknown directive //necro:evnt
	hint: did you mean event?
shop/a.go:11:1: NC081: Order.Größe: chan int cannot be encoded
	Order.Größe[].Price
	      |    |  chan int
	      |    Leg
	      []Leg
`
	if got := filepath.ToSlash(b.String()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDrawPath(t *testing.T) {
	for _, c := range []struct {
		path []Step
		want string
	}{
		{nil, ""},
		{[]Step{{"Order", ""}, {".ID", "chan int"}}, ""},
		{[]Step{{"Order", ""}, {".Q", "[]string"}, {"[]", "string"}}, `
Order.Q[]
      | string
      []string`},
		{[]Step{{"Order", "Order"}, {".Legs", "map[K]Leg"}, {"[key]", "K"}, {".X", "x"}}, `
Order.Legs[key].X
|     |   |     x
|     |   K
|     map[K]Leg
Order`},
		{[]Step{{"", "a"}, {"", "b"}}, `

b
a`},
	} {
		got := strings.Join(drawPath(c.path), "\n")
		if got = strings.TrimRight(got, "\n"); got != strings.TrimPrefix(c.want, "\n") {
			t.Errorf("%v: got\n%s\nwant%s", c.path, got, c.want)
		}
	}
}

// TestRelatedIsCopied guards against two diagnostics that share one list.
func TestRelatedIsCopied(t *testing.T) {
	d := New(UnknownVerb, token.Position{}, "x").WithRelated(token.Position{}, "a")
	b, c := d.WithRelated(token.Position{}, "b"), d.WithRelated(token.Position{}, "c")
	if b.Related[1].Message != "b" || c.Related[1].Message != "c" {
		t.Errorf("got %v and %v", b.Related, c.Related)
	}
}
