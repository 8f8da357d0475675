package difftest

import (
	"encoding"
	"reflect"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

var ownMethods = []reflect.Type{
	reflect.TypeFor[msgpack.CustomEncoder](), reflect.TypeFor[msgpack.Marshaler](),
	reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.TextMarshaler](),
}

// mayAllocate says whether a value holds one of an interface type, or one that encodes itself.
func mayAllocate(typ reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[typ] || typ == reflect.TypeFor[time.Time]() {
		return false
	}
	seen[typ] = true
	for _, own := range ownMethods {
		if typ.Implements(own) || reflect.PointerTo(typ).Implements(own) {
			return true
		}
	}
	switch typ.Kind() {
	case reflect.Interface:
		return true
	case reflect.Map:
		return mayAllocate(typ.Key(), seen) || mayAllocate(typ.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return mayAllocate(typ.Elem(), seen)
	case reflect.Struct:
		for f := range typ.Fields() {
			if mayAllocate(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
