package compare

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// sortEntries puts the entries of maps, but not the fields of structs, in the order in which generated code writes
// them: strings bytewise, numbers by value, others by their encoding. The contents of an any stay as they are. b
// is the reference's encoding of a value of the type.
func sortEntries(b []byte, typ reflect.Type) (out []byte, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("% x is no encoding of %s: %v", b, typ, e)
		}
	}()
	out, rest := sortValue(b, typ)
	if len(rest) > 0 {
		return nil, fmt.Errorf("% x is left of % x", rest, b)
	}
	return out, nil
}

// cutValue cuts the first value off.
func cutValue(b []byte) (value, rest []byte) {
	r := bytes.NewReader(b)
	if err := msgpack.NewDecoder(r).Skip(); err != nil {
		panic(err)
	}
	n := len(b) - r.Len()
	return b[:n:n], b[n:]
}

// cutHeader cuts the header of a map or array off, whose length it returns.
func cutHeader(b []byte) (head []byte, n int, rest []byte) {
	size := 1
	switch c := b[0]; c {
	case msgpcode.Array16, msgpcode.Map16:
		size, n = 3, int(binary.BigEndian.Uint16(b[1:]))
	case msgpcode.Array32, msgpcode.Map32:
		size, n = 5, int(binary.BigEndian.Uint32(b[1:]))
	default:
		n = int(c & 0x0f)
	}
	return b[:size:size], n, b[size:]
}

func isMap(c byte) bool {
	return msgpcode.IsFixedMap(c) || c == msgpcode.Map16 || c == msgpcode.Map32
}

func sortValue(b []byte, typ reflect.Type) (out, rest []byte) {
	typ = pointedType(typ)
	kind := typ.Kind()
	switch {
	case b[0] == msgpcode.Nil || encodesItself(typ):
	case kind == reflect.Map:
		return sortMap(b, typ)
	case (kind == reflect.Slice || kind == reflect.Array) && typ.Elem().Kind() != reflect.Uint8:
		return sortElems(b, func(int) reflect.Type { return typ.Elem() })
	case kind == reflect.Struct && isMap(b[0]):
		return sortStruct(b, typ)
	case kind == reflect.Struct:
		fields := wireFields(typ)
		return sortElems(b, func(i int) reflect.Type { return fields[i].typ })
	}
	return cutValue(b)
}

func sortElems(b []byte, elem func(int) reflect.Type) (out, rest []byte) {
	out, n, rest := cutHeader(b)
	for i := range n {
		var value []byte
		value, rest = sortValue(rest, elem(i))
		out = append(out, value...)
	}
	return out, rest
}

func sortMap(b []byte, typ reflect.Type) (out, rest []byte) {
	type entry struct{ key, encoded []byte }
	out, n, rest := cutHeader(b)
	var entries []entry
	for range n {
		var key, value []byte
		key, rest = sortValue(rest, typ.Key())
		value, rest = sortValue(rest, typ.Elem())
		entries = append(entries, entry{key, slices.Concat(key, value)})
	}
	order := keyOrder(typ.Key())
	slices.SortFunc(entries, func(a, b entry) int { return order(a.key, b.key) })
	for _, e := range entries {
		out = append(out, e.encoded...)
	}
	return out, rest
}

// keyOrder compares two encoded keys of a type.
func keyOrder(typ reflect.Type) func(a, b []byte) int {
	if encodesItself(typ) {
		return bytes.Compare
	}
	switch typ.Kind() {
	case reflect.String:
		return byValue[string]
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return byValue[int64]
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return byValue[uint64]
	case reflect.Float32, reflect.Float64:
		return byValue[float64]
	}
	return bytes.Compare
}

func byValue[T cmp.Ordered](a, b []byte) int { return cmp.Compare(read[T](a), read[T](b)) }

func read[T any](b []byte) (v T) {
	if err := msgpack.Unmarshal(b, &v); err != nil {
		panic(err)
	}
	return v
}

func sortStruct(b []byte, typ reflect.Type) (out, rest []byte) {
	types := map[string]reflect.Type{}
	for _, f := range wireFields(typ) {
		types[f.name] = f.typ
	}
	out, n, rest := cutHeader(b)
	for range n {
		var key, value []byte
		key, rest = cutValue(rest)
		value, rest = sortValue(rest, types[read[string](key)])
		out = append(append(out, key...), value...)
	}
	return out, rest
}
