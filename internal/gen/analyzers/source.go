package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
)

// pathAt returns the nodes around a place, the innermost first.
func pathAt(pass *analysis.Pass, pos token.Pos) []ast.Node {
	for _, f := range pass.Files {
		if f.FileStart <= pos && pos < f.FileEnd {
			path, _ := astutil.PathEnclosingInterval(f, pos, pos+1)
			return path
		}
	}
	return nil
}

// fileAt returns the file of a place.
func fileAt(pass *analysis.Pass, pos token.Pos) *ast.File {
	path := pathAt(pass, pos)
	if len(path) == 0 {
		return nil
	}
	return path[len(path)-1].(*ast.File)
}

// enclosingNode returns the innermost node of a type around a place.
func enclosingNode[N ast.Node](pass *analysis.Pass, pos token.Pos) (n N, ok bool) {
	for _, node := range pathAt(pass, pos) {
		if n, ok = node.(N); ok {
			return n, true
		}
	}
	return n, false
}

// assignedExprs returns the expression that is written to at the place of an instruction, and the
// expression that is stored there, where each has its own.
func assignedExprs(pass *analysis.Pass, pos token.Pos) (to, value ast.Expr) {
	for _, n := range pathAt(pass, pos) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if lhs.Pos() <= pos && pos < lhs.End() {
					if len(n.Lhs) == len(n.Rhs) {
						value = n.Rhs[i]
					}
					return lhs, value
				}
			}
			return nil, nil
		case *ast.IncDecStmt:
			return n.X, nil
		case *ast.RangeStmt:
			for _, lhs := range []ast.Expr{n.Key, n.Value} {
				if lhs != nil && lhs.Pos() <= pos && pos < lhs.End() {
					return lhs, nil
				}
			}
			return nil, nil
		case *ast.FuncLit, *ast.FuncDecl:
			return nil, nil
		}
	}
	return nil, nil
}

// shortText writes an expression in short.
func shortText(e ast.Expr) string { return types.ExprString(e) }

// callAt returns the call at the place of an instruction, which may be that of go or defer.
func callAt(pass *analysis.Pass, pos token.Pos) *ast.CallExpr {
	for _, n := range pathAt(pass, pos) {
		switch n := n.(type) {
		case *ast.CallExpr:
			return n
		case *ast.GoStmt:
			return n.Call
		case *ast.DeferStmt:
			return n.Call
		case ast.Stmt:
			return nil
		}
	}
	return nil
}

// enclosingStatement returns the statement around a place.
func enclosingStatement(pass *analysis.Pass, pos token.Pos) ast.Stmt {
	for _, n := range pathAt(pass, pos) {
		if s, ok := n.(ast.Stmt); ok {
			return s
		}
	}
	return nil
}
