package foreign

import (
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"

	"github.com/necrostack/necrogen/runtime/wire"
)

// ReadAny reads a value of any type as the reference codec does: integers keep the width in
// which they are written, the smallest are int8; maps are map[string]any, arrays []any, and
// extension -1 is a time.Time. Strings are parts of s. A key that comes twice is an error. A map
// with other keys than strings, which the reference writes but does not read, is a map[any]any.
func ReadAny(s string, v *any) (string, error) {
	if _, err := wire.Skip(s); err != nil {
		return "", err
	}
	return readAny(s, v)
}

// readAny reads what was looked at: it is all there, its lengths are true, and it does not nest
// too deep.
func readAny(s string, v *any) (string, error) {
	switch c := s[0]; {
	case c == msgpcode.Nil:
		*v = nil
		return s[1:], nil
	case c == msgpcode.True || c == msgpcode.False:
		return readAs(s, v, wire.ReadBool)
	case msgpcode.IsFixedString(c) || c >= msgpcode.Str8 && c <= msgpcode.Str32:
		return readAs(s, v, wire.ReadString)
	case msgpcode.IsBin(c):
		return readAs(s, v, wire.ReadBytes)
	case msgpcode.IsFixedArray(c) || c == msgpcode.Array16 || c == msgpcode.Array32:
		return readList(s, v)
	case msgpcode.IsFixedMap(c) || c == msgpcode.Map16 || c == msgpcode.Map32:
		return readMap(s, v)
	case msgpcode.IsExt(c):
		return readExtension(s, v)
	}
	return readNumber(s, v)
}

// readAs reads a value of one type.
func readAs[T any](s string, v *any, read func(string, *T) (string, error)) (string, error) {
	var x T
	s, err := read(s, &x)
	*v = x
	return s, err
}

// readNumber keeps the width.
func readNumber(s string, v *any) (string, error) {
	switch s[0] {
	case msgpcode.Float:
		return readAs(s, v, wire.ReadFloat32)
	case msgpcode.Double:
		return readAs(s, v, wire.ReadFloat64)
	case msgpcode.Uint8:
		return readAs(s, v, wire.ReadUint8)
	case msgpcode.Uint16:
		return readAs(s, v, wire.ReadUint16)
	case msgpcode.Uint32:
		return readAs(s, v, wire.ReadUint32)
	case msgpcode.Uint64:
		return readAs(s, v, wire.ReadUint64)
	case msgpcode.Int16:
		return readAs(s, v, wire.ReadInt16)
	case msgpcode.Int32:
		return readAs(s, v, wire.ReadInt32)
	case msgpcode.Int64:
		return readAs(s, v, wire.ReadInt64)
	}
	return readAs(s, v, wire.ReadInt8)
}

func readList(s string, v *any) (string, error) {
	n, s, err := wire.ReadArrayLen(s)
	list := make([]any, max(n, 0))
	for i := 0; i < n && err == nil; i++ {
		if s, err = readAny(s, &list[i]); err != nil {
			err = wire.At(err, i)
		}
	}
	*v = list
	return s, err
}

// readExtension reads a time, or leaves the extension to what the program registered for it.
func readExtension(s string, v *any) (string, error) {
	const timeType = 0xff
	if extensionType(s) == timeType {
		return readAs(s, v, wire.ReadTime)
	}
	return handOver(s, func(d *msgpack.Decoder) (err error) {
		*v, err = d.DecodeInterface()
		return err
	})
}

// extensionType is the byte that follows the length.
func extensionType(s string) byte {
	switch s[0] {
	case msgpcode.Ext8:
		return s[2]
	case msgpcode.Ext16:
		return s[3]
	case msgpcode.Ext32:
		return s[5]
	}
	return s[1]
}
