package templates

import (
	"go/ast"
	"go/parser"
	"go/token"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/rule"
	"github.com/necrostack/necrogen/internal/spec"
)

// call writes the expression that the table of rules has for the kind of value.
//
//	rules.Email(x)  →  rules.Email(v.Mail)
func (l *level) call(r *spec.Rule, entry *rule.Rule, v value) check {
	expr, as := entry.Expression(rule.Of(v.t))
	says := callSays(entry, r.Param)
	if expr == "true" {
		return check{certain, says}
	}
	return check{l.expression(expr, map[string]*jen.Statement{
		"x": l.converted(v, as), "param": jen.Lit(r.Param), "char": jen.LitRune(firstRune(r.Param)),
		"pattern": l.variable(r.Param),
	}), says}
}

// variable names a variable of the package that declares the struct.
func (l *level) variable(name string) *jen.Statement {
	if l.parent.Path == "" {
		return jen.Id(name)
	}
	return jen.Qual(l.parent.Path, name)
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// converted is a value as the expression for its kind wants it.
func (l *level) converted(v value, as rule.Kinds) *jen.Statement {
	switch {
	case as == rule.Text:
		return l.text(v)
	case as == rule.Stringer:
		return v.at.operand().Dot("String").Call()
	case as == rule.Int:
		return converted(v.t, "int64", v.at.value())
	case as == rule.Uint:
		return converted(v.t, "uint64", v.at.value())
	case as == rule.Number:
		return converted(v.t, "float64", v.at.value())
	}
	return v.at.value()
}

// expression turns the Go of an entry into code: a call of package rules or strings, or of a
// method of the pattern, with names in the places of its arguments.
func (l *level) expression(expr string, names map[string]*jen.Statement) condition {
	parsed, err := parser.ParseExpr(expr)
	if err != nil {
		l.g.fail("%s: %w", expr, err)
		return certain
	}
	if not, ok := parsed.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		return asks(callCode(not.X.(*ast.CallExpr), names)).not()
	}
	return asks(callCode(parsed.(*ast.CallExpr), names))
}

func callCode(call *ast.CallExpr, names map[string]*jen.Statement) *jen.Statement {
	fn := call.Fun.(*ast.SelectorExpr)
	var args []jen.Code
	for _, arg := range call.Args {
		switch arg := arg.(type) {
		case *ast.Ident:
			args = append(args, names[arg.Name])
		case *ast.BasicLit:
			args = append(args, jen.Op(arg.Value))
		}
	}
	switch of := fn.X.(*ast.Ident).Name; of {
	case "rules":
		return jen.Qual(rulesPath, fn.Sel.Name).Call(args...)
	case "strings":
		return jen.Qual("strings", fn.Sel.Name).Call(args...)
	default:
		return names[of].Clone().Dot(fn.Sel.Name).Call(args...)
	}
}
