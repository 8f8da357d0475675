package templates

import (
	"go/ast"
	"go/parser"
	"go/token"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// ruleCall writes the expression that the table of rules has for the kind of value.
//
//	rules.Email(x)  →  rules.Email(v.Mail)
func (l *level) ruleCall(r *model.Rule, entry *rule.Rule, v value) check {
	expr, as := entry.Expression(rule.Of(v.t))
	says := callSays(entry, r.Param)
	if expr == "true" {
		return check{certain, says}
	}
	return check{l.ruleExpression(expr, map[string]*jen.Statement{
		"x": l.convertedValue(v, as), "param": jen.Lit(r.Param), "char": jen.LitRune(firstRune(r.Param)),
		"pattern": l.packageVariable(r.Param),
	}), says}
}

// packageVariable names a variable of the package that declares the struct.
func (l *level) packageVariable(name string) *jen.Statement {
	if l.parent.Path == "" {
		return jen.Id(name)
	}
	return jen.Qual(l.parent.Path, name)
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// convertedValue is a value as the expression for its kind wants it.
func (l *level) convertedValue(v value, as rule.Kinds) *jen.Statement {
	switch {
	case as == rule.Text:
		return l.textValue(v)
	case as == rule.Stringer:
		return v.at.operand().Dot("String").Call()
	case as == rule.Int:
		return convertTo(v.t, "int64", v.at.value())
	case as == rule.Uint:
		return convertTo(v.t, "uint64", v.at.value())
	case as == rule.Number:
		return convertTo(v.t, "float64", v.at.value())
	}
	return v.at.value()
}

// ruleExpression turns the Go of an entry into code: a call of package rules or strings, or of a
// method of the pattern, with names in the places of its arguments.
func (l *level) ruleExpression(expr string, names map[string]*jen.Statement) condition {
	parsed, err := parser.ParseExpr(expr)
	if err != nil {
		l.g.keepError("%s: %w", expr, err)
		return certain
	}
	if not, ok := parsed.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		return callCondition(callCode(not.X.(*ast.CallExpr), names)).not()
	}
	return callCondition(callCode(parsed.(*ast.CallExpr), names))
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
