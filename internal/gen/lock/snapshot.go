package lock

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// Snapshot describes the events and the states of a package as they are now.
func Snapshot(p *model.Package) *File {
	s := snapshot{file: &File{Format: format, Events: []Event{}}, names: map[*model.Type]string{}, taken: map[string]bool{}}
	for _, e := range sortedByName(p.Events) {
		s.file.Events = append(s.file.Events, s.snapshotEvent(e))
	}
	for _, e := range sortedByName(p.States) {
		s.file.States = append(s.file.States, s.snapshotEvent(e))
	}
	return s.file
}

func sortedByName(events []*model.Event) []*model.Event {
	return slices.SortedFunc(slices.Values(events), func(a, b *model.Event) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
}

type snapshot struct {
	file  *File
	names map[*model.Type]string
	taken map[string]bool
}

func (s *snapshot) snapshotEvent(e *model.Event) Event {
	out := Event{
		Name: e.Name, Version: e.Version, Aliases: e.Aliases, Type: e.GoName,
		Array: asArray(e.Struct), Fields: s.snapshotFields(e.Struct), pos: e.Pos, state: e.State,
	}
	if e.Key != nil {
		out.Key = e.Key.Wire
	}
	return out
}

func asArray(t *model.Type) bool {
	return slices.ContainsFunc(t.Fields, func(f *model.Field) bool { return f.AsArray })
}

func (s *snapshot) snapshotFields(t *model.Type) []Field {
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
var basics = map[model.Kind]string{
	model.Bool: "bool", model.String: "string", model.Bytes: "bytes", model.Time: "time", model.Duration: "duration",
	model.Int: "int", model.Int8: "int8", model.Int16: "int16", model.Int32: "int32", model.Int64: "int64",
	model.Uint: "uint", model.Uint8: "uint8", model.Uint16: "uint16", model.Uint32: "uint32", model.Uint64: "uint64",
	model.Float32: "float32", model.Float64: "float64", model.Any: "any", model.Error: "error",
}

// typeOf writes a type by its form on the wire: named types as their underlying ones.
func (s *snapshot) typeOf(t *model.Type) string {
	switch t.Kind {
	case model.Pointer:
		return "*" + s.typeOf(t.Elem)
	case model.Slice:
		return "[]" + s.typeOf(t.Elem)
	case model.Array:
		return "[" + strconv.FormatInt(t.Len, 10) + "]" + s.typeOf(t.Elem)
	case model.Map:
		return "map[" + s.typeOf(t.Key) + "]" + s.typeOf(t.Elem)
	case model.Struct:
		return s.structOf(t)
	}
	if name := basics[t.Kind]; name != "" {
		return name
	}
	return t.Path + "." + t.Name // encodes itself
}

// structOf names a struct, and describes it the first time.
func (s *snapshot) structOf(t *model.Type) string {
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
	fields := s.snapshotFields(t)
	s.file.Structs[i].Fields = fields
	return name
}
