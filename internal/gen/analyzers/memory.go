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

// holdsReference says whether v is a reference into the memory, or a struct with one. A slice that is nil
// before a loop and appended to in it leads to nothing but itself: the root must be among what
// v leads to.
func (m *memory) holdsReference(v ssa.Value) bool {
	seen := map[ssa.Value]bool{}
	return m.visitOnce(v, seen) && seen[m.root]
}

// visitOnce takes a value that it comes to again, in a loop, for one that holds: the other ways into
// the loop decide.
func (m *memory) visitOnce(v ssa.Value, seen map[ssa.Value]bool) bool {
	if known, again := seen[v]; again {
		return known
	}
	seen[v] = true
	seen[v] = m.deriveHeld(v, func(v ssa.Value) bool { return m.visitOnce(v, seen) })
	return seen[v]
}

func (m *memory) deriveHeld(v ssa.Value, holds func(ssa.Value) bool) bool {
	if v == m.root {
		return len(m.referenceLeaves(v.Type(), "")) > 0
	}
	switch v := v.(type) {
	case *ssa.FreeVar:
		b := boundValue(v)
		return b != nil && holds(b)
	case *ssa.FieldAddr:
		return holds(v.X)
	case *ssa.IndexAddr:
		return holds(v.X)
	case *ssa.Slice:
		return holds(v.X)
	case *ssa.Field:
		return m.refersToMemory(v.Type()) && holds(v.X)
	case *ssa.Index:
		return m.refersToMemory(v.Type()) && holds(v.X)
	case *ssa.Lookup:
		return (v.CommaOk || m.refersToMemory(v.Type())) && holds(v.X)
	case *ssa.UnOp:
		return v.Op == token.MUL && m.loadHolds(v, holds)
	case *ssa.TypeAssert:
		return holds(v.X)
	case *ssa.Extract:
		return m.extractHolds(v, holds)
	case *ssa.Phi:
		return allHold(v.Edges, holds)
	case *ssa.Call:
		return sameMemory(&v.Call) && holds(v.Call.Args[0])
	}
	x := convertedFrom(v)
	return x != nil && holds(x)
}

// loadHolds reads a local variable, or the memory itself.
func (m *memory) loadHolds(v *ssa.UnOp, holds func(ssa.Value) bool) bool {
	if cell, path := cellOf(v.X); cell != nil {
		return m.cells.partHas(cell, path, v.Type(), holds)
	}
	return m.refersToMemory(v.Type()) && holds(v.X)
}

// extractHolds looks at one of several results: of v, ok := m[k], of x.(T) and of a step of a range.
func (m *memory) extractHolds(v *ssa.Extract, holds func(ssa.Value) bool) bool {
	switch t := v.Tuple.(type) {
	case *ssa.TypeAssert:
		return v.Index == 0 && holds(t.X)
	case *ssa.Lookup:
		return v.Index == 0 && m.refersToMemory(v.Type()) && holds(t.X)
	case *ssa.Next:
		r, ok := t.Iter.(*ssa.Range)
		return ok && v.Index > 0 && m.refersToMemory(v.Type()) && holds(r.X)
	}
	return false
}

// sameMemory says whether the result of a call is its first argument.
func sameMemory(call *ssa.CallCommon) bool {
	name := builtinName(call)
	return name == "append" || name == "ssa:wrapnilchk"
}

// convertedFrom returns the operand of a conversion that copies nothing.
func convertedFrom(v ssa.Value) ssa.Value {
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

// allHold reports whether all values hold a reference. It leaves nil out: a variable that is set in a loop is nil before.
func allHold(vs []ssa.Value, holds func(ssa.Value) bool) bool {
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

// boundValue returns the variable of the outer function that a function literal uses.
func boundValue(v *ssa.FreeVar) ssa.Value {
	fn := v.Parent()
	if fn.Parent() == nil {
		return nil
	}
	for i, fv := range fn.FreeVars {
		if fv != v {
			continue
		}
		if mc := closureOf(fn); mc != nil && i < len(mc.Bindings) {
			return mc.Bindings[i]
		}
	}
	return nil
}

// closureOf returns the place where a function literal becomes a value.
func closureOf(fn *ssa.Function) *ssa.MakeClosure {
	for _, b := range fn.Parent().Blocks {
		for _, in := range b.Instrs {
			if mc, ok := in.(*ssa.MakeClosure); ok && mc.Fn == fn {
				return mc
			}
		}
	}
	return nil
}
