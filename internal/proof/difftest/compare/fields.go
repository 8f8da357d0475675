package compare

import (
	"reflect"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/tagparser/v2"

	necro "github.com/necrostack/necrogen/runtime"
)

// WireName is the name of a field on the wire, or its Go name.
func WireName(f reflect.StructField) string {
	if name := parsedTag(f).Name; name != "" {
		return name
	}
	return f.Name
}

func parsedTag(f reflect.StructField) *tagparser.Tag { return tagparser.Parse(f.Tag.Get("msgpack")) }

// WireNames returns the names of an event's fields on the wire.
func WireNames(e necro.Event) []string {
	var names []string
	for _, f := range wireFields(reflect.TypeOf(e).Elem()) {
		names = append(names, f.name)
	}
	return names
}

// wireField is a field of a struct or of one that is inlined into it.
type wireField struct {
	name string
	typ  reflect.Type
}

// wireFields returns the fields of a struct in wire order, inlined ones in their place.
func wireFields(typ reflect.Type) []wireField {
	var fields []wireField
	for i := range typ.NumField() {
		f := typ.Field(i)
		name := WireName(f)
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
		case isInlined(f):
			fields = append(fields, wireFields(pointedType(f.Type))...)
		default:
			fields = append(fields, wireField{name, f.Type})
		}
	}
	return fields
}

// isInlined says whether the fields of an embedded struct stand in the outer one.
func isInlined(f reflect.StructField) bool {
	if !f.Anonymous || parsedTag(f).HasOption("noinline") {
		return false
	}
	typ := pointedType(f.Type)
	return typ.Kind() == reflect.Struct && !encodesItself(typ)
}

func pointedType(typ reflect.Type) reflect.Type {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	return typ
}

var marshalers = []reflect.Type{
	reflect.TypeFor[msgpack.CustomEncoder](), reflect.TypeFor[msgpack.Marshaler](),
	reflect.TypeFor[interface{ MarshalBinary() ([]byte, error) }](),
	reflect.TypeFor[interface{ MarshalText() ([]byte, error) }](),
}

// encodesItself says whether the reference leaves a type to its own methods.
func encodesItself(typ reflect.Type) bool {
	if typ == reflect.TypeFor[time.Time]() {
		return true
	}
	for _, m := range marshalers {
		if typ.Implements(m) || reflect.PointerTo(typ).Implements(m) {
			return true
		}
	}
	return false
}
