package source

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// patternsIn returns the variables of a declaration that hold a *regexp.Regexp: a value of that
// type, or of a call of regexp.MustCompile. One without a value may be nil when it is asked. The
// source tells that without type-checking package regexp.
func patternsIn(f *ast.File, decl *ast.GenDecl) []string {
	pkg := importName(f, "regexp")
	if decl.Tok != token.VAR || pkg == "" {
		return nil
	}
	var names []string
	for _, s := range decl.Specs {
		v, ok := s.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, id := range v.Names {
			if isPatternType(v.Type, pkg) && len(v.Values) > 0 || i < len(v.Values) && isPatternCall(v.Values[i], pkg) {
				names = append(names, id.Name)
			}
		}
	}
	return names
}

// importName is the name by which a file knows a package of the standard library; "" when it
// does not import it.
func importName(f *ast.File, path string) string {
	for _, s := range f.Imports {
		if p, err := strconv.Unquote(s.Path.Value); err != nil || p != path {
			continue
		}
		if s.Name != nil {
			return s.Name.Name
		}
		return path[strings.LastIndexByte(path, '/')+1:]
	}
	return ""
}

func isPatternType(expr ast.Expr, pkg string) bool {
	star, ok := expr.(*ast.StarExpr)
	return ok && isSelector(star.X, pkg, "Regexp")
}

func isPatternCall(expr ast.Expr, pkg string) bool {
	call, ok := ast.Unparen(expr).(*ast.CallExpr)
	return ok && (isSelector(call.Fun, pkg, "MustCompile") || isSelector(call.Fun, pkg, "MustCompilePOSIX"))
}

func isSelector(expr ast.Expr, pkg, name string) bool {
	if id, ok := expr.(*ast.Ident); ok {
		return pkg == "." && id.Name == name
	}
	sel, ok := expr.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == pkg
}
