package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// goroutine reports work that does not end with the handler. When a handler returns its event is settled: work
// that goes on is lost by a crash, and a graceful stop does not wait for it.
var goroutine = &analysis.Analyzer{
	Name:     "goroutine",
	Doc:      "report handlers that start goroutines which outlive them, or wait in a loop without their context",
	Requires: []*analysis.Analyzer{subjects},
	Run: func(pass *analysis.Pass) (any, error) {
		s := pass.ResultOf[subjects].(*subject)
		var findings []finding
		for _, h := range s.handlers {
			body := &body{pass: pass, subject: s, handler: h}
			findings = append(findings, body.findOutliving()...)
			findings = append(findings, body.findWaitingLoops()...)
		}
		s.reportAll(pass, findings)
		return nil, nil
	},
}

// body is the source of a handler.
type body struct {
	pass    *analysis.Pass
	subject *subject
	handler *handler
}

// findOutliving finds goroutines that no handler waits for. A handler that waits for anything at all is taken to
// wait for its goroutines.
func (b *body) findOutliving() (findings []finding) {
	if b.waitsOutside() {
		return nil
	}
	ast.Inspect(b.handler.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if !b.endsWithContext(n.Call) {
				findings = append(findings, b.outlivesFinding(n, "starts a goroutine that it does not wait for"))
			}
			return false
		case *ast.ExprStmt:
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && b.startsGoroutine(call) {
				text := fmt.Sprintf("starts a goroutine with %s and does not wait for it", shortText(call.Fun))
				findings = append(findings, b.outlivesFinding(n, text))
			}
		case *ast.CallExpr:
			return b.calleeName(n) != "(*sync.Once).Do" // starts something for good, once
		}
		return true
	})
	return findings
}

func (b *body) outlivesFinding(n ast.Node, what string) finding {
	return finding{
		pos: n.Pos(), end: n.End(),
		text: fmt.Sprintf("%s %s: its event is settled when it returns, and a crash loses what still runs", b.handler.name, what),
		hint: "wait for it, as with sync.WaitGroup or errgroup, or emit an event that another handler works on",
	}
}

// waitsOutside says whether the handler waits for anything outside of the goroutines it starts: it
// receives from a channel, or calls something named Wait.
func (b *body) waitsOutside() (found bool) {
	ast.Inspect(b.handler.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.RangeStmt:
			_, isChan := b.pass.TypesInfo.TypeOf(n.X).Underlying().(*types.Chan)
			found = found || isChan
		case *ast.CallExpr:
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			found = found || ok && strings.HasPrefix(sel.Sel.Name, "Wait")
		}
		return !found
	})
	return found
}

// startsGoroutine says whether a call starts a goroutine: of a group that is a variable of the handler, for another one
// may be waited for elsewhere, or by a timer that cannot be stopped.
func (b *body) startsGoroutine(call *ast.CallExpr) bool {
	switch b.calleeName(call) {
	case "time.AfterFunc":
		return true
	case "(*sync.WaitGroup).Go", "(*golang.org/x/sync/errgroup.Group).Go":
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		return ok && b.isLocal(sel.X)
	}
	return false
}

// endsWithContext says whether a goroutine looks at a context's Done: it ends with the delivery.
func (b *body) endsWithContext(call *ast.CallExpr) (found bool) {
	var in ast.Node = call
	if f := funcOf(b.pass, call); f != nil {
		if decl := b.subject.funcs[f]; decl != nil {
			in = decl
		}
	}
	ast.Inspect(in, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Done" && isContext(b.pass.TypesInfo.TypeOf(sel.X)) {
			found = true
		}
		return !found
	})
	return found
}

// isLocal says whether an expression is a variable that the handler declares itself.
func (b *body) isLocal(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	obj := b.pass.TypesInfo.ObjectOf(id)
	return obj != nil && b.handler.decl.Body.Pos() <= obj.Pos() && obj.Pos() < b.handler.decl.Body.End()
}

// calleeName returns the full name of the function that is called.
func (b *body) calleeName(call *ast.CallExpr) string {
	if f := funcOf(b.pass, call); f != nil {
		return f.FullName()
	}
	return ""
}

func isContext(t types.Type) bool { return t != nil && isNamed(t, "context", "Context") }
