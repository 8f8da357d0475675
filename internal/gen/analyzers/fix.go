package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/analysis"
)

// wrapFix returns the fix that puts a call of pkg.name around an expression, and imports pkg. It is
// nil where pkg means something else.
func wrapFix(pass *analysis.Pass, e ast.Expr, pkg, name string) *analysis.SuggestedFix {
	edits, ok := importEdits(pass, e.Pos(), pkg)
	if !ok {
		return nil
	}
	return &analysis.SuggestedFix{
		Message: fmt.Sprintf("Use %s.%s", pkg, name),
		TextEdits: append(edits,
			analysis.TextEdit{Pos: e.Pos(), End: e.Pos(), NewText: []byte(pkg + "." + name + "(")},
			analysis.TextEdit{Pos: e.End(), End: e.End(), NewText: []byte(")")}),
	}
}

// importEdits returns the edits by which a package of the standard library can be named at a place.
func importEdits(pass *analysis.Pass, pos token.Pos, pkg string) (edits []analysis.TextEdit, ok bool) {
	file := fileAt(pass, pos)
	if file == nil || len(file.Imports) == 0 {
		return nil, false
	}
	_, obj := pass.TypesInfo.Scopes[file].Innermost(pos).LookupParent(pkg, pos)
	if name, isPkg := obj.(*types.PkgName); isPkg && name.Imported().Path() == pkg {
		return nil, true
	}
	if obj != nil || importsUnnamed(file, pkg) {
		return nil, false
	}
	first := file.Imports[0]
	at, line := first.Pos(), strconv.Quote(pkg)+"\n\t"
	if decl := importDecl(file, first); !decl.Lparen.IsValid() {
		at, line = decl.Pos(), "import "+strconv.Quote(pkg)+"\n"
	}
	return []analysis.TextEdit{{Pos: at, End: at, NewText: []byte(line)}}, true
}

// importsUnnamed says whether a file imports a package already, then under another name.
func importsUnnamed(file *ast.File, pkg string) bool {
	for _, i := range file.Imports {
		if path, _ := strconv.Unquote(i.Path.Value); path == pkg {
			return true
		}
	}
	return false
}

// importDecl returns the declaration of an import.
func importDecl(file *ast.File, spec *ast.ImportSpec) *ast.GenDecl {
	for _, d := range file.Decls {
		if gen, ok := d.(*ast.GenDecl); ok && gen.Pos() <= spec.Pos() && spec.End() <= gen.End() {
			return gen
		}
	}
	return nil
}
