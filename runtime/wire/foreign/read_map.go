package foreign

import (
	"reflect"

	"github.com/vmihailenco/msgpack/v5/msgpcode"

	"github.com/necrostack/necrogen/runtime/wire"
)

// readMap reads a map[string]any, unless a key turns out to be something else.
func readMap(s string, v *any) (string, error) {
	n, rest, err := wire.ReadMapLen(s)
	m := make(map[string]any, max(n, 0))
	var ( // in the loop they would escape to the heap
		k string
		x any
	)
	for i := 0; i < n && err == nil; i++ {
		if !isText(rest[0]) {
			return readAnyMap(s, v)
		}
		if rest, err = wire.ReadString(rest, &k); err == nil {
			rest, err = readAny(rest, &x)
		}
		m[k] = x
		rest, err = wire.Entry(rest, err, k, i, len(m))
	}
	*v = m
	return rest, err
}

// isText reports whether a code begins a value that is read as a string.
func isText(c byte) bool {
	return msgpcode.IsString(c) || msgpcode.IsBin(c) || c == msgpcode.Nil
}

// readAnyMap reads a map whose keys are not all strings.
func readAnyMap(s string, v *any) (string, error) {
	n, s, err := wire.ReadMapLen(s)
	m := make(map[any]any, max(n, 0))
	var k, x any
	for i := 0; i < n && err == nil; i++ {
		if s, err = readAny(s, &k); err != nil {
			return "", err
		}
		if k != nil && !reflect.TypeOf(k).Comparable() {
			return "", &wire.Error{Problem: "a key of a map is an array, a map or binary data"}
		}
		s, err = readAny(s, &x)
		m[k] = x
		s, err = wire.EntryOf(s, err, k, i, len(m))
	}
	*v = m
	return s, err
}
