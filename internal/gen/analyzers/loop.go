package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// findWaitingLoops finds loops that wait and do not look at a context: they hold up a graceful stop, and go
// on after the handler's timeout.
func (b *body) findWaitingLoops() (findings []finding) {
	ast.Inspect(b.handler.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			if !b.usesContext(n) {
				findings = append(findings, b.inspectLoop(n)...)
			}
			return false
		}
		return true
	})
	return findings
}

// usesContext says whether anything in a loop is a context.
func (b *body) usesContext(loop ast.Node) (found bool) {
	ast.Inspect(loop, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && isContext(b.pass.TypesInfo.TypeOf(e)) {
			found = true
		}
		return !found
	})
	return found
}

// inspectLoop finds the calls and channels that a loop waits for.
func (b *body) inspectLoop(loop ast.Node) (findings []finding) {
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt:
			return false
		case *ast.ExprStmt:
			if call, ok := n.X.(*ast.CallExpr); ok && b.calleeName(call) == "time.Sleep" && len(call.Args) == 1 {
				f := b.blocksFinding(n, "sleeps in a loop")
				f.fix = b.sleepFix(n, call)
				findings = append(findings, f)
			}
		case *ast.RangeStmt:
			if b.isTicker(n.X) {
				findings = append(findings, b.blocksFinding(n, "waits for a ticker in a loop"))
			}
		case *ast.ForStmt:
			if n.Cond == nil {
				findings = append(findings, b.findEndless(n)...)
			}
		}
		return true
	})
	return findings
}

func (b *body) blocksFinding(n ast.Node, what string) finding {
	return finding{
		pos: n.Pos(), end: n.Pos() + token.Pos(len("for")),
		text: fmt.Sprintf("%s %s without looking at its context: it does not end at its timeout, nor when the program stops",
			b.handler.name, what),
		hint: "select from <-ctx.Done() as well, and return ctx.Err()",
	}
}

// isTicker says whether a channel never closes and never stays empty: that of a ticker.
func (b *body) isTicker(ch ast.Expr) bool {
	switch ch := ast.Unparen(ch).(type) {
	case *ast.CallExpr:
		return b.calleeName(ch) == "time.Tick"
	case *ast.SelectorExpr:
		return ch.Sel.Name == "C" && isNamed(b.pass.TypesInfo.TypeOf(ch.X), "time", "Ticker")
	}
	return false
}

// findEndless looks for a channel that a loop without a condition waits for, and that comes from outside of the
// handler: one that the handler made is served by a goroutine that it started.
func (b *body) findEndless(loop *ast.ForStmt) (findings []finding) {
	ast.Inspect(loop.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt, *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.SelectStmt:
			if b.isStuckSelect(n) {
				findings = append(findings, b.blocksFinding(loop, "waits for a channel in a loop"))
			}
			return false
		case *ast.SendStmt:
			if b.isForeign(n.Chan) {
				findings = append(findings, b.blocksFinding(loop, "waits for a channel in a loop"))
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW && (b.isForeign(n.X) || b.isTimerChannel(n.X)) {
				findings = append(findings, b.blocksFinding(loop, "waits for a channel in a loop"))
			}
		}
		return len(findings) == 0
	})
	return findings
}

// isStuckSelect says whether a select has no way out but channels from outside.
func (b *body) isStuckSelect(s *ast.SelectStmt) bool {
	for _, c := range s.Body.List {
		switch comm := c.(*ast.CommClause).Comm.(type) {
		case nil:
			return false
		case *ast.SendStmt:
			if !b.isForeign(comm.Chan) {
				return false
			}
		default:
			if ch := receivedChannel(comm); ch == nil || !b.isForeign(ch) {
				return false
			}
		}
	}
	return len(s.Body.List) > 0
}

// receivedChannel returns the channel that a case of a select receives from.
func receivedChannel(s ast.Stmt) ast.Expr {
	var e ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		e = s.Rhs[0]
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return u.X
	}
	return nil
}

// isForeign says whether a channel is a field, or a variable of the package.
func (b *body) isForeign(ch ast.Expr) bool {
	switch ch := ast.Unparen(ch).(type) {
	case *ast.SelectorExpr:
		v, ok := b.pass.TypesInfo.ObjectOf(ch.Sel).(*types.Var)
		return ok && !b.isLocal(ch.X) && !isNamed(b.pass.TypesInfo.TypeOf(ch.X), "time", "Timer") && v != nil
	case *ast.Ident:
		obj := b.pass.TypesInfo.ObjectOf(ch)
		return obj != nil && obj.Parent() == b.pass.Pkg.Scope()
	}
	return false
}

// isTimerChannel says whether a channel is that of time.After.
func (b *body) isTimerChannel(ch ast.Expr) bool {
	call, ok := ast.Unparen(ch).(*ast.CallExpr)
	return ok && b.calleeName(call) == "time.After"
}
