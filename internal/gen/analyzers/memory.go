package analyzers

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// memory answers which values refer to the memory behind a parameter: to an event that is shared
// with others, or to an organ. A copy of a struct is memory of its own, but the slices, maps and
// pointers in it refer to the shared one as before. What cannot be told does not refer to it.
type memory struct {
	root *ssa.Parameter
	cells
}

func memoryOf(root *ssa.Parameter) *memory {
	return &memory{root, cells{root.Parent().Pkg.Pkg, map[*ssa.Alloc]*cell{}}}
}

// holds says whether v is a reference into the memory, or a struct with one. A slice that is nil
// before a loop and appended to in it leads to nothing but itself: the root must be among what
// v leads to.
func (m *memory) holds(v ssa.Value) bool {
	seen := map[ssa.Value]bool{}
	return m.visit(v, seen) && seen[m.root]
}

// visit takes a value that it comes to again, in a loop, for one that holds: the other ways into
// the loop decide.
func (m *memory) visit(v ssa.Value, seen map[ssa.Value]bool) bool {
	if known, again := seen[v]; again {
		return known
	}
	seen[v] = true
	seen[v] = m.derive(v, func(v ssa.Value) bool { return m.visit(v, seen) })
	return seen[v]
}

func (m *memory) derive(v ssa.Value, holds func(ssa.Value) bool) bool {
	if v == m.root {
		return len(m.leaves(v.Type(), "")) > 0
	}
	switch v := v.(type) {
	case *ssa.FreeVar:
		b := binding(v)
		return b != nil && holds(b)
	case *ssa.FieldAddr:
		return holds(v.X)
	case *ssa.IndexAddr:
		return holds(v.X)
	case *ssa.Slice:
		return holds(v.X)
	case *ssa.Field:
		return m.refers(v.Type()) && holds(v.X)
	case *ssa.Index:
		return m.refers(v.Type()) && holds(v.X)
	case *ssa.Lookup:
		return (v.CommaOk || m.refers(v.Type())) && holds(v.X)
	case *ssa.UnOp:
		return v.Op == token.MUL && m.load(v, holds)
	case *ssa.TypeAssert:
		return holds(v.X)
	case *ssa.Extract:
		return m.extracted(v, holds)
	case *ssa.Phi:
		return all(v.Edges, holds)
	case *ssa.Call:
		return sameMemory(&v.Call) && holds(v.Call.Args[0])
	}
	x := converted(v)
	return x != nil && holds(x)
}

// load reads a local variable, or the memory itself.
func (m *memory) load(v *ssa.UnOp, holds func(ssa.Value) bool) bool {
	if cell, path := cellOf(v.X); cell != nil {
		return m.cells.has(cell, path, v.Type(), holds)
	}
	return m.refers(v.Type()) && holds(v.X)
}

// extracted is one of several results: of v, ok := m[k], of x.(T) and of a step of a range.
func (m *memory) extracted(v *ssa.Extract, holds func(ssa.Value) bool) bool {
	switch t := v.Tuple.(type) {
	case *ssa.TypeAssert:
		return v.Index == 0 && holds(t.X)
	case *ssa.Lookup:
		return v.Index == 0 && m.refers(v.Type()) && holds(t.X)
	case *ssa.Next:
		r, ok := t.Iter.(*ssa.Range)
		return ok && v.Index > 0 && m.refers(v.Type()) && holds(r.X)
	}
	return false
}

// sameMemory says whether the result of a call is its first argument.
func sameMemory(call *ssa.CallCommon) bool {
	name := builtin(call)
	return name == "append" || name == "ssa:wrapnilchk"
}

// converted returns what a conversion without a copy converts.
func converted(v ssa.Value) ssa.Value {
	switch v := v.(type) {
	case *ssa.ChangeType:
		return v.X
	case *ssa.MakeInterface:
		return v.X
	case *ssa.ChangeInterface:
		return v.X
	case *ssa.SliceToArrayPointer:
		return v.X
	}
	return nil
}

// all leaves nil out: a variable that is set in a loop is nil before.
func all(vs []ssa.Value, holds func(ssa.Value) bool) bool {
	some := false
	for _, v := range vs {
		if c, ok := v.(*ssa.Const); ok && c.Value == nil {
			continue
		}
		if !holds(v) {
			return false
		}
		some = true
	}
	return some
}

// binding returns what a function that is written in another one was given of its variables.
func binding(v *ssa.FreeVar) ssa.Value {
	fn := v.Parent()
	if fn.Parent() == nil {
		return nil
	}
	for i, fv := range fn.FreeVars {
		if fv != v {
			continue
		}
		if mc := closure(fn); mc != nil && i < len(mc.Bindings) {
			return mc.Bindings[i]
		}
	}
	return nil
}

// closure returns the place where a function literal becomes a value.
func closure(fn *ssa.Function) *ssa.MakeClosure {
	for _, b := range fn.Parent().Blocks {
		for _, in := range b.Instrs {
			if mc, ok := in.(*ssa.MakeClosure); ok && mc.Fn == fn {
				return mc
			}
		}
	}
	return nil
}
