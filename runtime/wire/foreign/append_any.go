package foreign

import (
	"reflect"
	"time"

	"github.com/necrostack/necrogen/runtime/wire"
)

// AppendAny appends a value of any type, in the bytes of the reference codec with its sorting:
// the keys of map[string]any, map[string]string and map[string]bool are in order, and those of
// map[any]any in that of their encodings.
func AppendAny(b []byte, v any) ([]byte, error) { return appendAny(b, v, 0) }

func appendAny(b []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return wire.AppendNil(b), nil
	case string:
		return wire.AppendString(b, v), nil
	case bool:
		return wire.AppendBool(b, v), nil
	case []byte:
		return wire.AppendBytes(b, v), nil
	case time.Time:
		return wire.AppendTime(b, v), nil
	case time.Duration:
		return wire.AppendDuration(b, v), nil
	case []any:
		return appendList(b, v, depth)
	case map[string]any:
		return appendMap(b, v, depth)
	case map[any]any:
		return appendAnyMap(b, v, depth)
	case *any:
		return appendPointed(b, v, depth)
	}
	if b, ok := appendNumber(b, v); ok {
		return b, nil
	}
	return appendValue(b, reflect.ValueOf(v))
}

func appendNumber(b []byte, v any) (_ []byte, ok bool) {
	switch v := v.(type) {
	case int:
		return wire.AppendInt(b, v), true
	case int8:
		return wire.AppendInt8(b, v), true
	case int16:
		return wire.AppendInt16(b, v), true
	case int32:
		return wire.AppendInt32(b, v), true
	case int64:
		return wire.AppendInt64(b, v), true
	case uint:
		return wire.AppendUint(b, v), true
	case uint8:
		return wire.AppendUint8(b, v), true
	case uint16:
		return wire.AppendUint16(b, v), true
	case uint32:
		return wire.AppendUint32(b, v), true
	case uint64:
		return wire.AppendUint64(b, v), true
	case float32:
		return wire.AppendFloat32(b, v), true
	case float64:
		return wire.AppendFloat64(b, v), true
	}
	return b, false
}

func appendList(b []byte, list []any, depth int) ([]byte, error) {
	if depth >= wire.MaxDepth {
		return nil, wire.TooDeep()
	}
	b = wire.AppendSliceHeader(b, list)
	for i, v := range list {
		var err error
		if b, err = appendAny(b, v, depth+1); err != nil {
			return nil, wire.At(err, i)
		}
	}
	return b, nil
}

func appendMap(b []byte, m map[string]any, depth int) ([]byte, error) {
	if depth >= wire.MaxDepth {
		return nil, wire.TooDeep()
	}
	b = wire.AppendMapHeader(b, m)
	var keys wire.Keys
	for _, k := range wire.Sort(&keys, m) {
		b = wire.AppendString(b, k)
		var err error
		if b, err = appendAny(b, m[k], depth+1); err != nil {
			return nil, wire.In(err, k)
		}
	}
	keys.Free()
	return b, nil
}

func appendAnyMap(b []byte, m map[any]any, depth int) ([]byte, error) {
	if depth >= wire.MaxDepth {
		return nil, wire.TooDeep()
	}
	b = wire.AppendMapHeader(b, m)
	es := wire.OpenEntries(b)
	for k, v := range m {
		err := wire.CheckKey(k)
		if err == nil {
			b, err = appendAny(b, k, depth+1)
		}
		es.Key(b)
		if err == nil {
			b, err = appendAny(b, v, depth+1)
		}
		if err != nil {
			return nil, wire.In(err, k)
		}
		es.End(b)
	}
	return es.Sort(b)
}

// appendPointed follows a pointer, which may lead back to itself.
func appendPointed(b []byte, v *any, depth int) ([]byte, error) {
	switch {
	case v == nil:
		return wire.AppendNil(b), nil
	case depth >= wire.MaxDepth:
		return nil, wire.TooDeep()
	}
	return appendAny(b, *v, depth+1)
}
