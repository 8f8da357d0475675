package templates

import (
	"fmt"
	"testing"

	"github.com/dave/jennifer/jen"
)

func TestCondition(t *testing.T) {
	a, b, n := callCondition(jen.Id("a")), callCondition(jen.Id("b").Call()), comparison(jen.Id("n"), ">=", jen.Lit(2))
	f := strictComparison(jen.Id("f").Op(">").Lit(0))
	for _, c := range []struct {
		cond condition
		want string
	}{
		{a, "a"}, {a.not(), "!a"}, {b.not(), "!b()"}, {n.not(), "n < 2"}, {f.not(), "!(f > 0)"}, {f.not().not(), "f > 0"},
		{allOf(a, n), "a && n >= 2"}, {allOf(a, n).not(), "!a || n < 2"}, {anyOf(a, allOf(b, n)), "a || b() && n >= 2"},
		{allOf(a, anyOf(b, n)), "a && (b() || n >= 2)"}, {allOf(a, anyOf(b, n)).not(), "!a || !b() && n < 2"},
		{allOf(a, allOf(b, a)), "a && b()"}, {anyOf(n, n.not().not()), "n >= 2"},
		{allOf(), "true"}, {anyOf(), "false"}, {allOf(a, certain), "a"}, {allOf(a, impossible), "false"},
		{anyOf(a, certain, b), "true"}, {anyOf(impossible, a), "a"}, {certain.not(), "false"},
		{isNil(jen.Id("p"), jen.Op("*").Id("p")), "p == nil || *p == nil"},
	} {
		if got := fmt.Sprintf("%#v", c.cond.code()); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestFork(t *testing.T) {
	a, b := callCondition(jen.Id("a")), callCondition(jen.Id("b"))
	x, y := codeLines(jen.Id("x").Call()), codeLines(jen.Id("y").Call())
	for _, c := range []struct {
		list statements
		want string
	}{
		{ifElse(a, x, nil), "if a {\n\tx()\n}"},
		{ifElse(a, nil, x), "if !a {\n\tx()\n}"},
		{ifElse(a, x, y), "if a {\n\tx()\n} else {\n\ty()\n}"},
		{ifElse(a, x, ifElse(b, y, nil)), "if a {\n\tx()\n} else if b {\n\ty()\n}"},
		{ifElse(a, ifElse(b, x, nil), nil), "if a && b {\n\tx()\n}"},
		{ifElse(a, ifElse(b, x, y), nil), "if a {\n\tif b {\n\t\tx()\n\t} else {\n\t\ty()\n\t}\n}"},
		{ifElse(certain, x, y), "x()"}, {ifElse(impossible, x, y), "y()"}, {ifElse(a, nil, nil), ""},
		{ifElse(a, x, statements{{init: jen.Id("i").Op(":=").Lit(1), cond: b, then: y}}), "if a {\n\tx()\n} else if i := 1; b {\n\ty()\n}"},
		{ifElse(a, statements{{init: jen.Id("i").Op(":=").Lit(1), cond: b, then: y}}, nil), "if a {\n\tif i := 1; b {\n\t\ty()\n\t}\n}"},
	} {
		got := ""
		for _, s := range c.list.code() {
			got += fmt.Sprintf("%#v", s)
		}
		if got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}
