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

// old says whether a value is made of the one that it takes the place of.
func (o *origin) old(v ssa.Value) bool {
	return (&origin{slots: o.slots, at: o.at}).visit(v, map[ssa.Value]bool{})
}

// fromEvent says whether a value is made of the event, or of its envelope.
func (o *origin) fromEvent(v ssa.Value) bool { return o.visit(v, map[ssa.Value]bool{}) }

func (o *origin) visit(v ssa.Value, seen map[ssa.Value]bool) bool {
	if known, again := seen[v]; again {
		return known
	}
	seen[v] = false // where it leads back to itself it adds nothing
	seen[v] = o.event != nil && v == o.event.root || o.derive(v, seen)
	return seen[v]
}

func (o *origin) derive(v ssa.Value, seen map[ssa.Value]bool) bool {
	switch v := v.(type) {
	case *ssa.UnOp:
		return o.load(v, seen)
	case *ssa.Lookup: // not the key: that leads to the elements of a table
		return o.visit(v.X, seen)
	case *ssa.IndexAddr:
		return o.visit(v.X, seen)
	case *ssa.Index:
		return o.visit(v.X, seen)
	case *ssa.Call:
		return o.event != nil && calleeName(&v.Call) == runtimePath+".MetaFrom" || builtin(&v.Call) != "" && o.any(v, seen)
	case *ssa.FreeVar:
		b := binding(v)
		return b != nil && o.visit(b, seen)
	case *ssa.Alloc, *ssa.MakeClosure:
		return false
	case ssa.Instruction:
		return o.any(v, seen)
	}
	return false
}

// any looks at what an instruction is made of.
func (o *origin) any(in ssa.Instruction, seen map[ssa.Value]bool) bool {
	for _, x := range in.Operands(nil) {
		if *x != nil && o.visit(*x, seen) {
			return true
		}
	}
	return false
}

// load reads the old value, the event, or a local variable: of a struct all must last.
func (o *origin) load(v *ssa.UnOp, seen map[ssa.Value]bool) bool {
	if v.Op == token.ARROW {
		return false
	}
	if v.Op != token.MUL {
		return o.visit(v.X, seen)
	}
	if at, ok := o.slot(v.X); ok {
		return at == o.at && o.event == nil
	}
	a, _ := cellOf(v.X)
	if a == nil {
		return o.visit(v.X, seen)
	}
	local := &cell{}
	local.collect(a, "")
	return o.all(local.stores, seen)
}

// all looks at all that is put into a variable, but constants.
func (o *origin) all(stores []stored, seen map[ssa.Value]bool) bool {
	some := false
	for _, s := range stores {
		if _, isConst := s.value.(*ssa.Const); isConst {
			continue
		}
		if !o.visit(s.value, seen) {
			return false
		}
		some = true
	}
	return some
}
