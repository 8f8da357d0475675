package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// eventwrite reports handlers that change the event that they were handed, because other organs, and its
// publisher, may hold the same memory.
var eventwrite = &analysis.Analyzer{
	Name:     "eventwrite",
	Doc:      "report handlers that write to their event or keep a reference to it",
	Requires: []*analysis.Analyzer{subjects},
	Run: runPerHandler(func(pass *analysis.Pass, h *handler) []finding {
		m := memoryOf(h.event)
		w := &writer{inside: map[*ssa.Parameter]token.Pos{}}
		var findings []finding
		for _, x := range w.writesIn(m) {
			findings = append(findings, h.writeFinding(pass, x))
		}
		if h.organ == nil || !h.organ.test { // tests look at the events that came
			findings = append(findings, h.findKept(pass, m)...)
		}
		return findings
	}),
}

const shared = "other organs and the publisher share that memory"

func (h *handler) writeFinding(pass *analysis.Pass, x write) finding {
	switch {
	case x.by == "":
		return h.assignmentFinding(pass, x)
	case x.by == "append":
		return h.appendFinding(pass, x)
	}
	f := finding{pos: x.in.Pos()}
	what := "its event"
	if call := callAt(pass, x.in.Pos()); call != nil {
		f.pos, f.end = call.Pos(), call.End()
		if arg := argumentSource(pass, call, x.arg); arg != nil {
			what = shortText(arg)
		}
	}
	f.text = fmt.Sprintf("%s lets %s write to %s, which is of its event: %s", h.name, x.by, what, shared)
	f.hint = "give it a copy, as of slices.Clone, maps.Clone or c := *event"
	return f.addRelated(x.inside, "it writes here")
}

// assignmentFinding reports a write with = or ++.
func (h *handler) assignmentFinding(pass *analysis.Pass, x write) finding {
	f := finding{pos: x.in.Pos(), text: fmt.Sprintf("%s writes to its event: %s", h.name, shared)}
	if to, _ := assignedExprs(pass, x.in.Pos()); to != nil {
		f.pos, f.end = to.Pos(), to.End()
		f.text = fmt.Sprintf("%s writes to %s, which is of its event: %s", h.name, shortText(to), shared)
	}
	f.hint = "change a copy, as of slices.Clone or maps.Clone"
	if store, ok := x.in.(*ssa.Store); ok && isDirectField(store.Addr) {
		f.hint = fmt.Sprintf("change a copy: c := *%s", h.event.Name())
	}
	return f
}

// isDirectField says whether an address is that of a field of what a parameter points to.
func isDirectField(addr ssa.Value) bool {
	switch a := addr.(type) {
	case *ssa.Parameter:
		return true
	case *ssa.FieldAddr:
		return isDirectField(a.X)
	}
	return false
}

// appendFinding reports append(event.Items, x): where the slice has room behind it, two handlers write to
// the same element.
func (h *handler) appendFinding(pass *analysis.Pass, x write) finding {
	f := finding{
		pos:  x.in.Pos(),
		text: fmt.Sprintf("%s appends to a slice of its event: %s, and the slice may have room in it", h.name, shared),
		hint: "append to a copy: slices.Clone",
	}
	call := callAt(pass, x.in.Pos())
	if call == nil || len(call.Args) == 0 {
		return f
	}
	f.pos, f.end = call.Pos(), call.End()
	if to, ok := ast.Unparen(call.Args[0]).(*ast.SelectorExpr); ok {
		f.hint = fmt.Sprintf("append to slices.Clip(%s), which has no room", shortText(to))
		f.fix = wrapFix(pass, to, "slices", "Clip")
	}
	return f
}

// argumentSource returns the source of an argument as SSA counts them: a receiver is the first.
func argumentSource(pass *analysis.Pass, call *ast.CallExpr, i int) ast.Expr {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if s := pass.TypesInfo.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			if i == 0 {
				return sel.X
			}
			i--
		}
	}
	if i < len(call.Args) {
		return call.Args[i]
	}
	return nil
}
