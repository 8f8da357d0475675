package analyzers

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// origin tells where the new value of a part of an organ comes from. What a function returned is
// of unknown origin: caches are filled like that.
type origin struct {
	*slots
	at    string  // the part
	event *memory // nil when the old value is looked for
}

// madeOfOld says whether a value is made from the value that it replaces.
func (o *origin) madeOfOld(v ssa.Value) bool {
	return (&origin{slots: o.slots, at: o.at}).visitOnce(v, map[ssa.Value]bool{})
}

// fromEvent says whether a value is made of the event, or of its envelope.
func (o *origin) fromEvent(v ssa.Value) bool { return o.visitOnce(v, map[ssa.Value]bool{}) }

func (o *origin) visitOnce(v ssa.Value, seen map[ssa.Value]bool) bool {
	if known, again := seen[v]; again {
		return known
	}
	seen[v] = false // where it leads back to itself it adds nothing
	seen[v] = o.event != nil && v == o.event.root || o.deriveOld(v, seen)
	return seen[v]
}

func (o *origin) deriveOld(v ssa.Value, seen map[ssa.Value]bool) bool {
	switch v := v.(type) {
	case *ssa.UnOp:
		return o.loadOld(v, seen)
	case *ssa.Lookup: // not the key: that leads to the elements of a table
		return o.visitOnce(v.X, seen)
	case *ssa.IndexAddr:
		return o.visitOnce(v.X, seen)
	case *ssa.Index:
		return o.visitOnce(v.X, seen)
	case *ssa.Call:
		return o.event != nil && calleeName(&v.Call) == runtimePath+".MetaFrom" || builtinName(&v.Call) != "" && o.anyOperandOld(v, seen)
	case *ssa.FreeVar:
		b := boundValue(v)
		return b != nil && o.visitOnce(b, seen)
	case *ssa.Alloc, *ssa.MakeClosure:
		return false
	case ssa.Instruction:
		return o.anyOperandOld(v, seen)
	}
	return false
}

// anyOperandOld looks at the operands of an instruction.
func (o *origin) anyOperandOld(in ssa.Instruction, seen map[ssa.Value]bool) bool {
	for _, x := range in.Operands(nil) {
		if *x != nil && o.visitOnce(*x, seen) {
			return true
		}
	}
	return false
}

// loadOld reads the old value, the event, or a local variable: of a struct all must last.
func (o *origin) loadOld(v *ssa.UnOp, seen map[ssa.Value]bool) bool {
	if v.Op == token.ARROW {
		return false
	}
	if v.Op != token.MUL {
		return o.visitOnce(v.X, seen)
	}
	if at, ok := o.addressSlot(v.X); ok {
		return at == o.at && o.event == nil
	}
	a, _ := cellOf(v.X)
	if a == nil {
		return o.visitOnce(v.X, seen)
	}
	local := &cell{}
	local.collectUses(a, "")
	return o.allStoresOld(local.stores, seen)
}

// allStoresOld looks at all that is put into a variable, but constants.
func (o *origin) allStoresOld(stores []stored, seen map[ssa.Value]bool) bool {
	some := false
	for _, s := range stores {
		if _, isConst := s.value.(*ssa.Const); isConst {
			continue
		}
		if !o.visitOnce(s.value, seen) {
			return false
		}
		some = true
	}
	return some
}
