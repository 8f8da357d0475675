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
	steps   []step
}

// step puts itself in front of the path of an error: wire.Under(err, "legs").
type step func(err *jen.Statement) *jen.Statement

// under is the place as that of a field of that name.
func (p place) under(name string) place {
	return p.stepped(func(err *jen.Statement) *jen.Statement {
		return jen.Qual(wirePath, "Under").Call(err, jen.Lit(name))
	})
}

// in is the place as that of a map's entry with the key of that variable.
func (p place) in(key string) place {
	return p.stepped(func(err *jen.Statement) *jen.Statement {
		return jen.Qual(wirePath, "In").Call(err, jen.Id(key))
	})
}

func (p place) stepped(s step) place {
	p.steps = append(p.steps[:len(p.steps):len(p.steps)], s)
	return p
}

// failed is an error with the path to the place: wire.Under(wire.At(err, i), "legs").
func (p place) failed() *jen.Statement {
	err := jen.Err()
	for i := len(p.steps) - 1; i >= 0; i-- {
		err = p.steps[i](err)
	}
	return err
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
	return place{expr: expr, depth: p.depth, steps: p.steps}
}

// elem indexes, one loop deeper: v.Legs[i].
func (p place) elem(index string) place {
	at := place{expr: p.operand().Index(jen.Id(index)), depth: p.depth + 1, steps: p.steps}
	return at.stepped(func(err *jen.Statement) *jen.Statement {
		return jen.Qual(wirePath, "At").Call(err, jen.Id(index))
	})
}

// deref follows a pointer: *v.Leg.
func (p place) deref() place {
	if p.pointer {
		return place{expr: jen.Parens(p.value()), pointer: true, depth: p.depth, steps: p.steps}
	}
	return place{expr: p.get(), pointer: true, depth: p.depth, steps: p.steps}
}

// local is a variable of its own, one loop deeper.
func (p place) local(name string) place {
	return place{expr: jen.Id(name), depth: p.depth + 1, steps: p.steps}
}

// variable names a variable of the loop at this depth: i, i2, i3.
func (p place) variable(name string) string {
	if p.depth == 0 {
		return name
	}
	return name + strconv.Itoa(p.depth+1)
}
