package templates

import (
	"strconv"

	"github.com/dave/jennifer/jen"
)

// place is where a value stands: an addressable expression, or a pointer to it.
type place struct {
	expr    *jen.Statement
	pointer bool
	depth   int // of the loops around it: their variables are i, i2, …
}

// receiver is the struct that v points to.
func receiver() place { return place{expr: jen.Id("v"), pointer: true} }

// get is the place as code: v.Legs[i].
func (p place) get() *jen.Statement { return p.expr.Clone() }

// value reads it: v.Amount, or *v.Note.
func (p place) value() *jen.Statement {
	if p.pointer {
		return jen.Op("*").Add(p.get())
	}
	return p.get()
}

// address points to it: &v.Legs[i], or v.Leg.
func (p place) address() *jen.Statement {
	if p.pointer {
		return p.get()
	}
	return jen.Op("&").Add(p.get())
}

// operand is value where an index or a selector follows: (*v.Tags)[i].
func (p place) operand() *jen.Statement {
	if p.pointer {
		return jen.Parens(p.value())
	}
	return p.get()
}

// field selects: v.Leg.Qty.
func (p place) field(path []string) place {
	expr := p.get()
	for _, name := range path {
		expr.Dot(name)
	}
	return place{expr: expr, depth: p.depth}
}

// elem indexes, one loop deeper: v.Legs[i].
func (p place) elem(index string) place {
	return place{expr: p.operand().Index(jen.Id(index)), depth: p.depth + 1}
}

// deref follows a pointer: *v.Leg.
func (p place) deref() place {
	if p.pointer {
		return place{expr: jen.Parens(p.value()), pointer: true, depth: p.depth}
	}
	return place{expr: p.get(), pointer: true, depth: p.depth}
}

// local is a variable of its own, one loop deeper.
func (p place) local(name string) place { return place{expr: jen.Id(name), depth: p.depth + 1} }

// variable names a variable of the loop at this depth: i, i2, i3.
func (p place) variable(name string) string {
	if p.depth == 0 {
		return name
	}
	return name + strconv.Itoa(p.depth+1)
}
