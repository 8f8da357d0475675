package lock

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/necrostack/necrogen/internal/spec"
)

// Snapshot describes the events of a package as they are now.
func Snapshot(p *spec.Package) *File {
	s := snapshot{file: &File{Format: format, Events: []Event{}}, names: map[*spec.Type]string{}, taken: map[string]bool{}}
	events := slices.Clone(p.Events)
	slices.SortFunc(events, func(a, b *spec.Event) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	for _, e := range events {
		s.file.Events = append(s.file.Events, s.event(e))
	}
	return s.file
}

type snapshot struct {
	file  *File
	names map[*spec.Type]string
	taken map[string]bool
}

func (s *snapshot) event(e *spec.Event) Event {
	out := Event{
		Name: e.Name, Version: e.Version, Aliases: e.Aliases, Type: e.GoName,
		Array: asArray(e.Struct), Fields: s.fields(e.Struct), pos: e.Pos,
	}
	if e.Key != nil {
		out.Key = e.Key.Wire
	}
	return out
}

func asArray(t *spec.Type) bool {
	return slices.ContainsFunc(t.Fields, func(f *spec.Field) bool { return f.AsArray })
}

func (s *snapshot) fields(t *spec.Type) []Field {
	fields := []Field{}
	for _, f := range t.WireFields() {
		fields = append(fields, Field{
			Name: f.Wire, Aliases: f.Aliases, Type: s.typeOf(f.Type),
			Rules: reflect.StructTag(f.Tag).Get("validate"), pos: f.Pos, typ: f.Type,
		})
	}
	return fields
}

// basics are the names of types that hold no other.
var basics = map[spec.Kind]string{
	spec.Bool: "bool", spec.String: "string", spec.Bytes: "bytes", spec.Time: "time", spec.Duration: "duration",
	spec.Int: "int", spec.Int8: "int8", spec.Int16: "int16", spec.Int32: "int32", spec.Int64: "int64",
	spec.Uint: "uint", spec.Uint8: "uint8", spec.Uint16: "uint16", spec.Uint32: "uint32", spec.Uint64: "uint64",
	spec.Float32: "float32", spec.Float64: "float64", spec.Any: "any", spec.Error: "error",
}

// typeOf writes a type by what it is on the wire: named types as what they are named for.
func (s *snapshot) typeOf(t *spec.Type) string {
	switch t.Kind {
	case spec.Pointer:
		return "*" + s.typeOf(t.Elem)
	case spec.Slice:
		return "[]" + s.typeOf(t.Elem)
	case spec.Array:
		return "[" + strconv.FormatInt(t.Len, 10) + "]" + s.typeOf(t.Elem)
	case spec.Map:
		return "map[" + s.typeOf(t.Key) + "]" + s.typeOf(t.Elem)
	case spec.Struct:
		return s.structOf(t)
	}
	if name := basics[t.Kind]; name != "" {
		return name
	}
	return t.Path + "." + t.Name // encodes itself
}

// structOf names a struct, and describes it the first time.
func (s *snapshot) structOf(t *spec.Type) string {
	if name, known := s.names[t]; known {
		return name
	}
	base := cmp.Or(t.Desc, "struct")
	if t.Name == "" {
		base = "struct"
	}
	name := base
	for n := 2; s.taken[name]; n++ {
		name = fmt.Sprintf("%s#%d", base, n)
	}
	s.names[t], s.taken[name] = name, true
	i := len(s.file.Structs)
	s.file.Structs = append(s.file.Structs, Struct{Name: name, Array: asArray(t)})
	fields := s.fields(t)
	s.file.Structs[i].Fields = fields
	return name
}
