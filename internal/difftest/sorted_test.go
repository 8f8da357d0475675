package difftest

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// sorted puts the entries of maps, but not the fields of structs, in key order.
func sorted(t *testing.T, b []byte, typ reflect.Type) []byte {
	t.Helper()
	out, rest := sortValue(b, typ)
	if len(rest) > 0 {
		t.Fatalf("% x is left of % x", rest, b)
	}
	return out
}

// skip cuts the first value off.
func skip(b []byte) (value, rest []byte) {
	r := bytes.NewReader(b)
	if err := msgpack.NewDecoder(r).Skip(); err != nil {
		panic(err)
	}
	n := len(b) - r.Len()
	return b[:n:n], b[n:]
}

// header cuts the header of a map or array off, whose length it returns.
func header(b []byte) (head []byte, n int, rest []byte) {
	size := 1
	switch c := b[0]; {
	case c == msgpcode.Array16 || c == msgpcode.Map16:
		size, n = 3, int(b[1])<<8|int(b[2])
	default:
		n = int(c & 0x0f)
	}
	return b[:size:size], n, b[size:]
}

func sortValue(b []byte, typ reflect.Type) (out, rest []byte) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	leaf := typ == reflect.TypeFor[time.Time]() || b[0] == msgpcode.Nil
	switch kind := typ.Kind(); {
	case leaf:
	case kind == reflect.Map:
		return sortMap(b, typ)
	case (kind == reflect.Slice || kind == reflect.Array) && typ.Elem().Kind() != reflect.Uint8:
		return sortElems(b, func(int) reflect.Type { return typ.Elem() })
	case kind == reflect.Struct && !msgpcode.IsFixedMap(b[0]) && b[0] != msgpcode.Map16:
		fields := fieldTypes(typ)
		return sortElems(b, func(i int) reflect.Type { return fields[i].typ })
	case kind == reflect.Struct:
		return sortStruct(b, typ)
	}
	return skip(b)
}

func sortElems(b []byte, elem func(int) reflect.Type) (out, rest []byte) {
	out, n, rest := header(b)
	for i := range n {
		var value []byte
		value, rest = sortValue(rest, elem(i))
		out = append(out, value...)
	}
	return out, rest
}

func sortMap(b []byte, typ reflect.Type) (out, rest []byte) {
	type entry struct {
		key     string
		encoded []byte
	}
	out, n, rest := header(b)
	var entries []entry
	for range n {
		var key, value []byte
		key, rest = skip(rest)
		value, rest = sortValue(rest, typ.Elem())
		var text string
		if err := msgpack.Unmarshal(key, &text); err != nil {
			panic(err)
		}
		entries = append(entries, entry{text, slices.Concat(key, value)})
	}
	slices.SortFunc(entries, func(a, b entry) int { return bytes.Compare([]byte(a.key), []byte(b.key)) })
	for _, e := range entries {
		out = append(out, e.encoded...)
	}
	return out, rest
}

func sortStruct(b []byte, typ reflect.Type) (out, rest []byte) {
	types := map[string]reflect.Type{}
	for _, f := range fieldTypes(typ) {
		types[f.name] = f.typ
	}
	out, n, rest := header(b)
	for range n {
		var key, value []byte
		key, rest = skip(rest)
		var name string
		if err := msgpack.Unmarshal(key, &name); err != nil {
			panic(err)
		}
		value, rest = sortValue(rest, types[name])
		out = append(append(out, key...), value...)
	}
	return out, rest
}

type wireField struct {
	name string
	typ  reflect.Type
}

// fieldTypes returns the fields of a struct in wire order, embedded ones in their place.
func fieldTypes(typ reflect.Type) []wireField {
	var fields []wireField
	for i := range typ.NumField() {
		f := typ.Field(i)
		name := wireName(f)
		switch {
		case f.Anonymous:
			fields = append(fields, fieldTypes(f.Type)...)
		case f.IsExported() && name != "-":
			fields = append(fields, wireField{name, f.Type})
		}
	}
	return fields
}
