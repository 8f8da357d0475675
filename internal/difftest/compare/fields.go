package compare

import (
	"reflect"
	"strings"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// WireName is the name of a field on the wire, or its Go name.
func WireName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("msgpack"), ",")
	if name == "" || strings.Contains(name, ":") {
		return f.Name
	}
	return name
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
		case inlined(f):
			fields = append(fields, wireFields(pointed(f.Type))...)
		default:
			fields = append(fields, wireField{name, f.Type})
		}
	}
	return fields
}

// inlined says whether the fields of an embedded struct stand in the outer one.
func inlined(f reflect.StructField) bool {
	if !f.Anonymous || hasOption(f, "noinline") {
		return false
	}
	typ := pointed(f.Type)
	return typ.Kind() == reflect.Struct && !encodesItself(typ)
}

func hasOption(f reflect.StructField, option string) bool {
	_, options, _ := strings.Cut(f.Tag.Get("msgpack"), ",")
	for word := range strings.SplitSeq(options, ",") {
		if strings.TrimSpace(word) == option {
			return true
		}
	}
	return false
}

func pointed(typ reflect.Type) reflect.Type {
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
