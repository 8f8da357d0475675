package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// keeps reports where a reference to the event stays behind when the handler has returned: in the
// organ, in a variable of the package, in a channel of one of them.
func (h *handler) keeps(pass *analysis.Pass, event *memory) (findings []finding) {
	k := &keeper{event: event, organ: memoryOf(h.recv)}
	for _, kept := range k.kept(h.fn) {
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

// kept returns where a function keeps a reference to the event.
func (k *keeper) kept(fn *ssa.Function) (list []keeping) {
	instructions(fn, func(in ssa.Instruction) {
		switch in := in.(type) {
		case *ssa.Store:
			list = append(list, k.put(in.Val, in.Addr, in.Pos())...)
		case *ssa.MapUpdate:
			list = append(list, k.put(in.Value, in.Map, in.Pos())...)
		case *ssa.Send:
			list = append(list, k.put(in.X, in.Chan, in.Pos())...)
		case *ssa.Select:
			for _, s := range in.States {
				if s.Dir == types.SendOnly {
					list = append(list, k.put(s.Send, s.Chan, s.Pos)...)
				}
			}
		case ssa.CallInstruction:
			call := in.Common()
			if arg, ok := storers[calleeName(call)]; ok {
				list = append(list, k.put(call.Args[arg], call.Args[0], in.Pos())...)
			}
		}
	})
	return list
}

// put looks at a value that is put somewhere.
func (k *keeper) put(value, place ssa.Value, pos token.Pos) []keeping {
	where := "the organ"
	if global(place) {
		where = "a variable of the package"
	} else if !k.organ.holds(place) {
		return nil
	}
	if !k.carries(value) {
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

// global says whether a value is reached from a variable of a package.
func global(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Global:
		return true
	case *ssa.FieldAddr:
		return global(v.X)
	case *ssa.IndexAddr:
		return global(v.X)
	case *ssa.UnOp:
		return global(v.X)
	}
	return false
}

// carries says whether a value is a reference to the event, or something made here with one in it.
func (k *keeper) carries(v ssa.Value) bool { return k.visit(v, map[ssa.Value]bool{}) }

func (k *keeper) visit(v ssa.Value, seen map[ssa.Value]bool) bool {
	if known, again := seen[v]; again {
		return known
	}
	seen[v] = true
	seen[v] = k.event.holds(v) || k.derive(v, func(v ssa.Value) bool { return k.visit(v, seen) })
	return seen[v]
}

func (k *keeper) derive(v ssa.Value, carries func(ssa.Value) bool) bool {
	if cell, path := cellOf(v); cell != nil {
		return k.event.has(cell, path, pointee(v.Type()), carries)
	}
	switch v := v.(type) {
	case *ssa.UnOp:
		if cell, path := cellOf(v.X); cell != nil {
			return k.event.has(cell, path, v.Type(), carries)
		}
	case *ssa.Slice:
		return carries(v.X)
	case *ssa.Phi:
		return all(v.Edges, carries)
	case *ssa.MakeClosure:
		for _, b := range v.Bindings {
			if carries(b) {
				return true
			}
		}
	case *ssa.Call:
		return k.appended(&v.Call, carries)
	}
	x := converted(v)
	return x != nil && carries(x)
}

// appended looks at append: elements without references are copied.
func (k *keeper) appended(call *ssa.CallCommon, carries func(ssa.Value) bool) bool {
	if builtin(call) != "append" || len(call.Args) < 2 {
		return false
	}
	s, ok := call.Args[1].Type().Underlying().(*types.Slice)
	return ok && len(k.event.leaves(s.Elem(), "")) > 0 && carries(call.Args[1])
}

func pointee(t types.Type) types.Type {
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
	to, value := assigned(pass, kept.pos)
	if to == nil {
		if send, ok := statement(pass, kept.pos).(*ast.SendStmt); ok {
			to, value = send.Chan, send.Value
		}
	}
	if to == nil {
		return f
	}
	f.pos, f.end = to.Pos(), to.End()
	f.text = fmt.Sprintf("%s keeps a reference to its event in %s: %s", h.name, text(to), shared)
	if value = source(value, kept.value); value != nil {
		f.copying(pass, k, value)
	}
	return f
}

// source returns the expression that holds the reference: where one value is appended, that.
func source(value ast.Expr, what ssa.Value) ast.Expr {
	if value == nil {
		return nil
	}
	call, ok := ast.Unparen(value).(*ast.CallExpr)
	if !ok {
		return value
	}
	if c, ok := what.(*ssa.Call); ok && builtin(&c.Call) == "append" && len(call.Args) == 2 && !call.Ellipsis.IsValid() {
		return call.Args[1]
	}
	return nil
}

// copying adds the fix that copies the value, where one copy is deep enough.
func (f *finding) copying(pass *analysis.Pass, k *keeper, value ast.Expr) {
	t := pass.TypesInfo.TypeOf(value)
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if _, ok := value.(*ast.Ident); ok && !k.event.refers(u.Elem()) {
			f.hint = fmt.Sprintf("keep a copy: new(*%s)", text(value))
			f.fix = &analysis.SuggestedFix{Message: "Keep a copy", TextEdits: []analysis.TextEdit{
				{Pos: value.Pos(), End: value.End(), NewText: []byte("new(*" + text(value) + ")")},
			}}
		}
	case *types.Slice:
		if !k.event.refers(u.Elem()) {
			f.hint = fmt.Sprintf("keep a copy: slices.Clone(%s)", text(value))
			f.fix = wrap(pass, value, "slices", "Clone")
		}
	case *types.Map:
		if !k.event.refers(u.Elem()) && !k.event.refers(u.Key()) {
			f.hint = fmt.Sprintf("keep a copy: maps.Clone(%s)", text(value))
			f.fix = wrap(pass, value, "maps", "Clone")
		}
	}
}
