package model

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DescriptorName is the package-level variable that holds an event's descriptor:
// necroOrderPlaced. An unexported type keeps its case, so that Order and order never meet.
func DescriptorName(goName string) string {
	if r, _ := utf8.DecodeRuneInString(goName); !unicode.IsUpper(r) {
		return "necro_" + goName
	}
	return "necro" + goName
}

// The methods that are generated on an event, on a state, on every struct that it holds, exported ones on a shared struct, and on an organ.
var (
	EventMethods  = []string{"NecroEvent", "Validate", "AppendMsgpack", "ReadMsgpack"}
	StateMethods  = []string{"NecroState", "Validate", "AppendMsgpack", "ReadMsgpack"}
	StructMethods = []string{"necroValidate", "necroAppend", "necroRead", "necroFilled", "NecroValidate", "NecroAppend", "NecroRead"}
	OrganMethods  = []string{"NecroOrgan"}
)

// Methods are the names of the methods that are generated on the event or on the state.
func (e *Event) Methods() []string {
	if e.State {
		return StateMethods
	}
	return EventMethods
}

// GeneratedPrefix begins the package-level names that are generated for structs of other
// packages: necroMoneyAmountAppend. Their list depends on the whole shape of the events,
// so a checker asks for the prefix.
const GeneratedPrefix = "necro"

// FunctionSuffixes end the names of the functions generated for a struct that can't have methods.
var FunctionSuffixes = []string{"Append", "Read", "Validate", "Keys", "Filled"}

// Locals are the names that generated code gives to its own variables, in upper scopes of
// which the user's types are named. A type of that name could not be referred to.
var Locals = []string{
	"b", "ctx", "depth", "e", "emitted", "err", "es", "f", "floats", "i", "ints", "k", "keys", "n", "next", "in", "inner", "o", "ok", "out", "p",
	"rest", "s", "start", "t", "uints", "v", "vs", "x",
}

// numbered are those that have a number behind them in inner loops: i2.
var numbered = []string{"es", "floats", "i", "ints", "k", "keys", "n", "start", "uints", "x"}

// Local says whether generated code may have a variable of that name.
func Local(name string) bool {
	base := strings.TrimRight(name, "0123456789")
	return slices.Contains(Locals, name) || base != name && slices.Contains(numbered, base)
}

// Names are the package-level names that the generated file of the package declares or
// needs with their ordinary meaning, sorted.
func (p *Package) GeneratedNames() []string {
	names := slices.Clone(universe)
	seen := map[*Type]bool{}
	for _, e := range p.Coded() {
		names = append(names, DescriptorName(e.GoName))
		names = p.appendShadowed(names, e.Struct, seen)
		if e.Upcast != nil && Local(e.Upcast.Func) {
			names = append(names, e.Upcast.Func)
		}
	}
	for _, s := range p.Shared {
		names = p.appendShadowed(names, s.Struct, seen)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// appendShadowed appends the types of the package in a type that a variable would hide.
func (p *Package) appendShadowed(names []string, t *Type, seen map[*Type]bool) []string {
	if t == nil || seen[t] {
		return names
	}
	seen[t] = true
	if t.Path == p.Path && Local(t.Name) {
		names = append(names, t.Name)
	}
	for _, part := range append(slices.Clone(t.Args), t.Elem, t.Key) {
		names = p.appendShadowed(names, part, seen)
	}
	for _, f := range t.Fields {
		names = p.appendShadowed(names, f.Type, seen)
	}
	return names
}

// universe are the predeclared names in generated code.
var universe = strings.Fields(`append bool byte error false float32 float64 int int8 int16 int32 int64
	len make new nil string true uint uint8 uint16 uint32 uint64`)
