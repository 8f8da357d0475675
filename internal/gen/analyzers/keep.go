package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// findKept reports where a reference to the event stays behind when the handler has returned: in the
// organ, in a variable of the package, in a channel of one of them.
func (h *handler) findKept(pass *analysis.Pass, event *memory) (findings []finding) {
	k := &keeper{event: event, organ: memoryOf(h.recv)}
	for _, kept := range k.keptBy(h.fn) {
		findings = append(findings, h.keepFinding(pass, k, kept))
	}
	return findings
}

// keeper knows what lives longer than the handler.
type keeper struct {
	event, organ *memory
}

// keeping is a value that is put where it stays.
type keeping struct {
	pos   token.Pos
	value ssa.Value
	where string
}

// keptBy returns where a function keeps a reference to the event.
func (k *keeper) keptBy(fn *ssa.Function) (list []keeping) {
	visitInstructions(fn, func(in ssa.Instruction) {
		switch in := in.(type) {
		case *ssa.Store:
			list = append(list, k.inspectPut(in.Val, in.Addr, in.Pos())...)
		case *ssa.MapUpdate:
			list = append(list, k.inspectPut(in.Value, in.Map, in.Pos())...)
		case *ssa.Send:
			list = append(list, k.inspectPut(in.X, in.Chan, in.Pos())...)
		case *ssa.Select:
			for _, s := range in.States {
				if s.Dir == types.SendOnly {
					list = append(list, k.inspectPut(s.Send, s.Chan, s.Pos)...)
				}
			}
		case ssa.CallInstruction:
			call := in.Common()
			if arg, ok := storers[calleeName(call)]; ok {
				list = append(list, k.inspectPut(call.Args[arg], call.Args[0], in.Pos())...)
			}
		}
	})
	return list
}

// inspectPut looks at a value that is put somewhere.
func (k *keeper) inspectPut(value, place ssa.Value, pos token.Pos) []keeping {
	where := "the organ"
	if isGlobal(place) {
		where = "a variable of the package"
	} else if !k.organ.holdsReference(place) {
		return nil
	}
	if !k.carriesEvent(value) {
		return nil
	}
	return []keeping{{pos, value, where}}
}

// storers are methods of the standard library that keep an argument.
var storers = map[string]int{
	"(*sync.Map).Store": 2, "(*sync.Map).Swap": 2, "(*sync.Map).LoadOrStore": 2,
	"(*sync/atomic.Value).Store": 1, "(*sync/atomic.Value).Swap": 1,
	"(*sync/atomic.Pointer[T]).Store": 1, "(*sync/atomic.Pointer[T]).Swap": 1,
	"(*container/list.List).PushBack": 1, "(*container/list.List).PushFront": 1,
}

// isGlobal says whether a value is reached from a variable of a package.
func isGlobal(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Global:
		return true
	case *ssa.FieldAddr:
		return isGlobal(v.X)
	case *ssa.IndexAddr:
		return isGlobal(v.X)
	case *ssa.UnOp:
		return isGlobal(v.X)
	}
	return false
}

// carriesEvent says whether a value is a reference to the event, or something made here with one in it.
func (k *keeper) carriesEvent(v ssa.Value) bool { return k.visitOnce(v, map[ssa.Value]bool{}) }

func (k *keeper) visitOnce(v ssa.Value, seen map[ssa.Value]bool) bool {
	if known, again := seen[v]; again {
		return known
	}
	seen[v] = true
	seen[v] = k.event.holdsReference(v) || k.deriveCarried(v, func(v ssa.Value) bool { return k.visitOnce(v, seen) })
	return seen[v]
}

func (k *keeper) deriveCarried(v ssa.Value, carries func(ssa.Value) bool) bool {
	if cell, path := cellOf(v); cell != nil {
		return k.event.partHas(cell, path, pointedType(v.Type()), carries)
	}
	switch v := v.(type) {
	case *ssa.UnOp:
		if cell, path := cellOf(v.X); cell != nil {
			return k.event.partHas(cell, path, v.Type(), carries)
		}
	case *ssa.Slice:
		return carries(v.X)
	case *ssa.Phi:
		return allHold(v.Edges, carries)
	case *ssa.MakeClosure:
		for _, b := range v.Bindings {
			if carries(b) {
				return true
			}
		}
	case *ssa.Call:
		return k.appendCarries(&v.Call, carries)
	}
	x := convertedFrom(v)
	return x != nil && carries(x)
}

// appendCarries looks at append: elements without references are copied.
func (k *keeper) appendCarries(call *ssa.CallCommon, carries func(ssa.Value) bool) bool {
	if builtinName(call) != "append" || len(call.Args) < 2 {
		return false
	}
	s, ok := call.Args[1].Type().Underlying().(*types.Slice)
	return ok && len(k.event.referenceLeaves(s.Elem(), "")) > 0 && carries(call.Args[1])
}

func pointedType(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func (h *handler) keepFinding(pass *analysis.Pass, k *keeper, kept keeping) finding {
	f := finding{
		pos:  kept.pos,
		text: fmt.Sprintf("%s keeps a reference to its event in %s: %s", h.name, kept.where, shared),
		hint: "keep a copy, with the slices and maps in it",
	}
	to, value := assignedExprs(pass, kept.pos)
	if to == nil {
		if send, ok := enclosingStatement(pass, kept.pos).(*ast.SendStmt); ok {
			to, value = send.Chan, send.Value
		}
	}
	if to == nil {
		return f
	}
	f.pos, f.end = to.Pos(), to.End()
	f.text = fmt.Sprintf("%s keeps a reference to its event in %s: %s", h.name, shortText(to), shared)
	if value = keptExpr(value, kept.value); value != nil {
		f.addCopyFix(pass, k, value)
	}
	return f
}

// keptExpr returns the expression that holds the reference: where one value is appended, that.
func keptExpr(value ast.Expr, what ssa.Value) ast.Expr {
	if value == nil {
		return nil
	}
	call, ok := ast.Unparen(value).(*ast.CallExpr)
	if !ok {
		return value
	}
	if c, ok := what.(*ssa.Call); ok && builtinName(&c.Call) == "append" && len(call.Args) == 2 && !call.Ellipsis.IsValid() {
		return call.Args[1]
	}
	return nil
}

// addCopyFix adds the fix that copies the value, where one copy is deep enough.
func (f *finding) addCopyFix(pass *analysis.Pass, k *keeper, value ast.Expr) {
	t := pass.TypesInfo.TypeOf(value)
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if _, ok := value.(*ast.Ident); ok && !k.event.refersToMemory(u.Elem()) {
			f.hint = fmt.Sprintf("keep a copy: new(*%s)", shortText(value))
			f.fix = &analysis.SuggestedFix{Message: "Keep a copy", TextEdits: []analysis.TextEdit{
				{Pos: value.Pos(), End: value.End(), NewText: []byte("new(*" + shortText(value) + ")")},
			}}
		}
	case *types.Slice:
		if !k.event.refersToMemory(u.Elem()) {
			f.hint = fmt.Sprintf("keep a copy: slices.Clone(%s)", shortText(value))
			f.fix = wrapFix(pass, value, "slices", "Clone")
		}
	case *types.Map:
		if !k.event.refersToMemory(u.Elem()) && !k.event.refersToMemory(u.Key()) {
			f.hint = fmt.Sprintf("keep a copy: maps.Clone(%s)", shortText(value))
			f.fix = wrapFix(pass, value, "maps", "Clone")
		}
	}
}
