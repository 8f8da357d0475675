package rule

import (
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// Kinds is a set of kinds of values, as rules tell them apart.
type Kinds uint16

// The kinds. A type that encodes itself has the kind of its underlying type.
const (
	Text Kinds = 1 << iota
	Int
	Uint
	Float
	Bool
	Bytes
	List // slices that are not bytes, and arrays
	Map
	Time
	Duration
	Struct
	Any      // interfaces: any and error
	Stringer // a value that is no text, but has String() string; it comes with another kind
)

// Sets of kinds.
const (
	Number     = Int | Uint | Float
	Collection = Bytes | List | Map
	Measured   = Text | Number | Duration | Collection
	Anything   = Measured | Bool | Time | Struct | Any
	Concrete   = Anything &^ Any
)

var kindOf = map[model.Kind]Kinds{
	model.String: Text, model.Bool: Bool,
	model.Int: Int, model.Int8: Int, model.Int16: Int, model.Int32: Int, model.Int64: Int,
	model.Uint: Uint, model.Uint8: Uint, model.Uint16: Uint, model.Uint32: Uint, model.Uint64: Uint,
	model.Float32: Float, model.Float64: Float,
	model.Bytes: Bytes, model.Slice: List, model.Array: List, model.Map: Map,
	model.Struct: Struct, model.Any: Any, model.Error: Any, model.Time: Time, model.Duration: Duration,
}

// Of returns the kind of a type: one bit, and Stringer with it where that is so. A pointer and
// what can't be encoded have none.
func Of(t *model.Type) Kinds {
	kind := t.Kind
	if kind == model.Foreign {
		kind = t.ForeignKind
	}
	k := kindOf[kind]
	switch {
	case t.TimeLike:
		k = Time
	case kind == model.Slice && t.Elem != nil && t.Elem.Kind == model.Uint8:
		k = Bytes
	}
	if t.Stringer && k != Text && k != 0 {
		k |= Stringer
	}
	return k
}

var kindNames = []struct {
	kinds Kinds
	name  string
}{
	{Anything, "everything"}, {Concrete, "everything but interfaces"},
	{Number, "numbers"}, {Int | Uint, "integers"}, {Collection, "slices, arrays, maps"}, {Bytes | List, "slices, arrays"},
	{Text, "strings"}, {Int, "signed integers"}, {Uint, "unsigned integers"}, {Float, "floats"}, {Bool, "bools"},
	{Bytes, "[]byte"}, {List, "slices, arrays"}, {Map, "maps"}, {Time, "times"}, {Duration, "durations"},
	{Struct, "structs"}, {Any, "interfaces"}, {Stringer, "what has String()"},
}

// String names the kinds: "strings, numbers".
func (k Kinds) String() string {
	var names []string
	for _, n := range kindNames {
		if k&n.kinds == n.kinds {
			names = append(names, n.name)
			k &^= n.kinds
		}
	}
	// Strings are what most rules are about.
	if i := slices.Index(names, "strings"); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, "strings")
	}
	return strings.Join(names, ", ")
}
