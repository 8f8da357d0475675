package templates

import (
	"fmt"
	"testing"

	"github.com/dave/jennifer/jen"
)

func TestCondition(t *testing.T) {
	a, b, n := asks(jen.Id("a")), asks(jen.Id("b").Call()), compared(jen.Id("n"), ">=", jen.Lit(2))
	f := strictly(jen.Id("f").Op(">").Lit(0))
	for _, c := range []struct {
		cond condition
		want string
	}{
		{a, "a"}, {a.not(), "!a"}, {b.not(), "!b()"}, {n.not(), "n < 2"}, {f.not(), "!(f > 0)"}, {f.not().not(), "f > 0"},
		{all(a, n), "a && n >= 2"}, {all(a, n).not(), "!a || n < 2"}, {anyOf(a, all(b, n)), "a || b() && n >= 2"},
		{all(a, anyOf(b, n)), "a && (b() || n >= 2)"}, {all(a, anyOf(b, n)).not(), "!a || !b() && n < 2"},
		{all(a, all(b, a)), "a && b()"}, {anyOf(n, n.not().not()), "n >= 2"},
		{all(), "true"}, {anyOf(), "false"}, {all(a, certain), "a"}, {all(a, impossible), "false"},
		{anyOf(a, certain, b), "true"}, {anyOf(impossible, a), "a"}, {certain.not(), "false"},
		{isNil(jen.Id("p"), jen.Op("*").Id("p")), "p == nil || *p == nil"},
	} {
		if got := fmt.Sprintf("%#v", c.cond.code()); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestFork(t *testing.T) {
	a, b := asks(jen.Id("a")), asks(jen.Id("b"))
	x, y := lines(jen.Id("x").Call()), lines(jen.Id("y").Call())
	for _, c := range []struct {
		list statements
		want string
	}{
		{fork(a, x, nil), "if a {\n\tx()\n}"},
		{fork(a, nil, x), "if !a {\n\tx()\n}"},
		{fork(a, x, y), "if a {\n\tx()\n} else {\n\ty()\n}"},
		{fork(a, x, fork(b, y, nil)), "if a {\n\tx()\n} else if b {\n\ty()\n}"},
		{fork(a, fork(b, x, nil), nil), "if a && b {\n\tx()\n}"},
		{fork(a, fork(b, x, y), nil), "if a {\n\tif b {\n\t\tx()\n\t} else {\n\t\ty()\n\t}\n}"},
		{fork(certain, x, y), "x()"}, {fork(impossible, x, y), "y()"}, {fork(a, nil, nil), ""},
		{fork(a, x, statements{{init: jen.Id("i").Op(":=").Lit(1), cond: b, then: y}}), "if a {\n\tx()\n} else if i := 1; b {\n\ty()\n}"},
		{fork(a, statements{{init: jen.Id("i").Op(":=").Lit(1), cond: b, then: y}}, nil), "if a {\n\tif i := 1; b {\n\t\ty()\n\t}\n}"},
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
