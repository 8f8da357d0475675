package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// sleepFix puts a select in the place of time.Sleep, where the handler has a name for its context
// and plain results. It is not for a function that is written in the handler, whose results are
// others.
func (b *body) sleepFix(s *ast.ExprStmt, call *ast.CallExpr) *analysis.SuggestedFix {
	ctx := b.handler.fn.Params[1].Name()
	values, ok := b.failureResults(ctx + ".Err()")
	_, obj := b.pass.Pkg.Scope().Innermost(s.Pos()).LookupParent(ctx, s.Pos())
	sleep, isSel := call.Fun.(*ast.SelectorExpr)
	_, inner := enclosingNode[*ast.FuncLit](b.pass, s.Pos())
	if !ok || !isSel || inner || obj != b.handler.fn.Params[1].Object() {
		return nil
	}
	indent := "\n" + strings.Repeat("\t", b.pass.Fset.Position(s.Pos()).Column-1)
	code := fmt.Sprintf("select {%[1]scase <-%[2]s.After(%[3]s):%[1]scase <-%[4]s.Done():%[1]s\treturn %[5]s%[1]s}",
		indent, shortText(sleep.X), shortText(call.Args[0]), ctx, values)
	return &analysis.SuggestedFix{
		Message:   "Wait for the context too",
		TextEdits: []analysis.TextEdit{{Pos: s.Pos(), End: s.End(), NewText: []byte(code)}},
	}
}

// failureResults returns the results with which the handler reports an error: nil for all others.
func (b *body) failureResults(err string) (values string, ok bool) {
	results := b.handler.fn.Signature.Results()
	for i := range results.Len() {
		t := results.At(i).Type()
		switch t.Underlying().(type) {
		case *types.Pointer, *types.Slice:
			values += "nil, "
		case *types.Interface:
			return values + err, i == results.Len()-1
		default:
			return "", false
		}
	}
	return "", false
}
