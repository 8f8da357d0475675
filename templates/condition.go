package templates

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// condition is a condition that knows its opposite: a comparison or a call, or several of them
// joined by && or ||. What needs no code is certain or impossible.
type condition struct {
	op    string // "&&" or "||", and parts
	parts []condition

	// yes and no are the code of one that stands alone; the one that is nil is the other with a
	// "!". An operand, which "!" binds to, is a call or a variable.
	yes, no *jen.Statement
	operand bool
}

// The conditions that need no code: nothing must hold, or nothing could.
var (
	certain    = condition{op: "&&"}
	impossible = condition{op: "||"}
)

// callCondition is a call or a variable.
func callCondition(yes *jen.Statement) condition { return condition{yes: yes, operand: true} }

// strictComparison is a comparison whose opposite is only its negation: NaN breaks both.
func strictComparison(yes *jen.Statement) condition { return condition{yes: yes} }

// comparison is x op y.
func comparison(x *jen.Statement, op string, y *jen.Statement) condition {
	return condition{yes: x.Clone().Op(op).Add(y), no: x.Clone().Op(opposite[op]).Add(y)}
}

var opposite = map[string]string{">=": "<", "<=": ">", ">": "<=", "<": ">=", "==": "!=", "!=": "=="}

func (c condition) constant() bool     { return c.op != "" && len(c.parts) == 0 }
func (c condition) isCertain() bool    { return c.op == "&&" && len(c.parts) == 0 }
func (c condition) isImpossible() bool { return c.op == "||" && len(c.parts) == 0 }

// not is the opposite.
func (c condition) not() condition {
	if c.op == "" {
		c.yes, c.no = c.no, c.yes
		return c
	}
	op := "&&"
	if c.op == "&&" {
		op = "||"
	}
	parts := make([]condition, len(c.parts))
	for i, p := range c.parts {
		parts[i] = p.not()
	}
	return condition{op: op, parts: parts}
}

// allOf holds when all of them do.
func allOf(cs ...condition) condition { return joinConditions("&&", cs) }

// anyOf holds when one of them does.
func anyOf(cs ...condition) condition { return joinConditions("||", cs) }

// joinConditions leaves out the conditions that cannot decide, and is constant when one of them always decides.
func joinConditions(op string, cs []condition) condition {
	joined := condition{op: op}
	for _, c := range cs {
		switch {
		case c.constant() && c.op != op:
			return c
		case c.op == op:
			joined.parts = append(joined.parts, c.parts...)
		default:
			joined.parts = append(joined.parts, c)
		}
	}
	if len(joined.parts) > 1 {
		joined.parts = withoutRepeats(joined.parts)
	}
	if len(joined.parts) == 1 {
		return joined.parts[0]
	}
	return joined
}

// withoutRepeats leaves out repetitions: go vet calls a comparison that comes twice redundant.
func withoutRepeats(parts []condition) []condition {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(parts), func(c condition) bool {
		text := c.code().GoString()
		again := seen[text]
		seen[text] = true
		return again
	})
}

// code writes the condition.
func (c condition) code() *jen.Statement {
	switch {
	case c.constant():
		return jen.Lit(c.isCertain())
	case c.op == "" && c.yes != nil:
		return c.yes.Clone()
	case c.op == "" && c.operand:
		return jen.Op("!").Add(c.no.Clone())
	case c.op == "":
		return jen.Op("!").Parens(c.no.Clone())
	}
	code := jen.Null()
	for i, p := range c.parts {
		if i > 0 {
			code.Op(c.op)
		}
		if p.op == "||" {
			code.Parens(p.code())
		} else {
			code.Add(p.code())
		}
	}
	return code
}

// isNil holds when one of some pointers, slices or maps is nil.
func isNil(xs ...*jen.Statement) condition {
	var parts []condition
	for _, x := range xs {
		parts = append(parts, comparison(x, "==", jen.Nil()))
	}
	return anyOf(parts...)
}
