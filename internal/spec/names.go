package spec

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

// The methods that are generated on an event, on every struct that it holds, and on an organ.
var (
	EventMethods  = []string{"NecroEvent", "Validate", "AppendMsgpack", "ReadMsgpack"}
	StructMethods = []string{"necroValidate", "necroAppend", "necroRead"}
	OrganMethods  = []string{"NecroOrgan"}
)

// GeneratedPrefix begins the package-level names that are generated for structs of other
// packages: necroMoneyAmountAppend. Their list depends on the whole shape of the events,
// so a checker asks for the prefix.
const GeneratedPrefix = "necro"

// Locals are the names that generated code gives to its own variables, in upper scopes of
// which the user's types are named. A type of that name could not be referred to.
var Locals = []string{"b", "ctx", "e", "emitted", "err", "f", "i", "k", "n", "in", "inner", "o", "out", "s", "start", "t", "v", "vs", "x"}

// Names are the package-level names that the generated file of the package declares or
// needs with their ordinary meaning, sorted.
func (p *Package) GeneratedNames() []string {
	names := slices.Clone(universe)
	for _, e := range p.Events {
		names = append(names, DescriptorName(e.GoName))
		if slices.Contains(Locals, e.GoName) {
			names = append(names, e.GoName)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// universe are the predeclared names in generated code.
var universe = strings.Fields(`append bool byte error false float32 float64 int int8 int16 int32 int64
	len make new nil string true uint uint8 uint16 uint32 uint64`)
