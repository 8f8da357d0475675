package analyzers

import (
	"go/token"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// write is an instruction that changes memory.
type write struct {
	in     ssa.Instruction
	by     string    // what writes: "" for an assignment, else the function that is called
	arg    int       // the argument that it is given
	inside token.Pos // the place in a function of this package that is called
}

// writer finds writes. It remembers which functions write to the memory of their arguments.
type writer struct {
	inside map[*ssa.Parameter]token.Pos
}

// writesIn returns the writes to a memory, in the function whose parameter it is and in the function literals in that.
func (w *writer) writesIn(m *memory) (list []write) {
	visitInstructions(m.root.Parent(), func(in ssa.Instruction) {
		switch i := in.(type) {
		case *ssa.Store:
			if m.holdsReference(i.Addr) {
				list = append(list, write{in: in})
			}
		case *ssa.MapUpdate:
			if m.holdsReference(i.Map) {
				list = append(list, write{in: in})
			}
		case ssa.CallInstruction:
			list = append(list, w.writeOfCall(m, i)...)
		}
	})
	return list
}

// writeOfCall returns the write that a call is, if it is one.
func (w *writer) writeOfCall(m *memory, in ssa.CallInstruction) []write {
	call := in.Common()
	name, arg := changedArgument(call)
	if name != "" && m.holdsReference(call.Args[arg]) {
		return []write{{in: in, by: name, arg: arg}}
	}
	fn := calleeInPackage(call, m.root.Parent().Pkg)
	if fn == nil || len(fn.Params) != len(call.Args) {
		return nil
	}
	for i, a := range call.Args {
		if m.refersToMemory(a.Type()) && m.holdsReference(a) {
			if pos := w.parameterWrite(fn.Params[i]); pos.IsValid() {
				return []write{{in: in, by: fn.Name(), arg: i, inside: pos}}
			}
		}
	}
	return nil
}

// parameterWrite returns where a function writes to the memory of its argument.
func (w *writer) parameterWrite(p *ssa.Parameter) token.Pos {
	pos, known := w.inside[p]
	if known {
		return pos
	}
	w.inside[p] = token.NoPos // a function that calls itself adds nothing
	if list := w.writesIn(memoryOf(p)); len(list) > 0 {
		w.inside[p] = list[0].in.Pos()
	}
	return w.inside[p]
}

// changedArgument returns the name of a function that changes one of its arguments, and which.
func changedArgument(call *ssa.CallCommon) (name string, arg int) {
	switch name = builtinName(call); name {
	case "delete", "clear", "copy":
		return name, 0
	case "append":
		if !isClipped(call.Args[0]) {
			return name, 0
		}
		return "", 0
	}
	name = calleeName(call)
	if arg, ok := changers[name]; ok {
		return name, arg
	}
	for _, verb := range []string{"Add", "Store", "Swap", "CompareAndSwap", "And", "Or"} {
		if strings.HasPrefix(name, "sync/atomic."+verb) {
			return name, 0
		}
	}
	return "", 0
}

// changers are functions of the standard library, and the argument that each changes.
var changers = map[string]int{
	"sort.Sort": 0, "sort.Stable": 0, "sort.Slice": 0, "sort.SliceStable": 0,
	"sort.Strings": 0, "sort.Ints": 0, "sort.Float64s": 0,
	"slices.Sort": 0, "slices.SortFunc": 0, "slices.SortStableFunc": 0, "slices.Reverse": 0,
	"slices.Compact": 0, "slices.CompactFunc": 0, "slices.Delete": 0, "slices.DeleteFunc": 0,
	"slices.Insert": 0, "slices.Replace": 0,
	"maps.Copy": 0, "maps.Insert": 0, "maps.DeleteFunc": 0,
	"encoding/json.Unmarshal": 1, "(*encoding/json.Decoder).Decode": 1, "encoding/xml.Unmarshal": 1,
	"io.ReadFull": 1, "crypto/rand.Read": 0,
}

// isClipped says whether appending to a slice cannot write behind it: it was cut with a capacity,
// or something was appended already, which is reported by itself.
func isClipped(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Slice:
		return v.Max != nil
	case *ssa.Call:
		return builtinName(&v.Call) == "append"
	case *ssa.Phi:
		for _, e := range v.Edges {
			if !isClipped(e) {
				return false
			}
		}
		return true
	}
	return false
}
