package foreign

import (
	"math"
	"time"

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

// readAny reads a value that has been scanned: the value is complete, its lengths are true, and it does not nest
// too deep.
func readAny(s string, v *any) (rest string, err error) {
	switch c := s[0]; {
	case c == msgpcode.Nil:
		*v = nil
		return s[1:], nil
	case c == msgpcode.True || c == msgpcode.False:
		*v = c == msgpcode.True
		return s[1:], nil
	case msgpcode.IsFixedString(c) || c >= msgpcode.Str8 && c <= msgpcode.Str32:
		var x string
		rest, err = wire.ReadString(s, &x)
		*v = x
		return rest, err
	case msgpcode.IsBin(c):
		var x []byte
		rest, err = wire.ReadBytes(s, &x)
		*v = x
		return rest, err
	case msgpcode.IsFixedArray(c) || c == msgpcode.Array16 || c == msgpcode.Array32:
		return readList(s, v)
	case msgpcode.IsFixedMap(c) || c == msgpcode.Map16 || c == msgpcode.Map32:
		return readMap(s, v)
	case msgpcode.IsExt(c):
		return readExtension(s, v)
	}
	return readNumber(s, v), nil
}

// readNumber keeps the width.
func readNumber(s string, v *any) (rest string) {
	c := s[0]
	if msgpcode.IsFixedNum(c) {
		*v = int8(c)
		return s[1:]
	}
	size := widths[c-msgpcode.Float]
	var u uint64
	for _, b := range []byte(s[1 : 1+size]) {
		u = u<<8 | uint64(b)
	}
	switch c {
	case msgpcode.Float:
		*v = math.Float32frombits(uint32(u))
	case msgpcode.Double:
		*v = math.Float64frombits(u)
	case msgpcode.Uint8:
		*v = uint8(u)
	case msgpcode.Uint16:
		*v = uint16(u)
	case msgpcode.Uint32:
		*v = uint32(u)
	case msgpcode.Uint64:
		*v = u
	case msgpcode.Int8:
		*v = int8(u)
	case msgpcode.Int16:
		*v = int16(u)
	case msgpcode.Int32:
		*v = int32(u)
	case msgpcode.Int64:
		*v = int64(u)
	}
	return s[1+size:]
}

// widths are those of the numbers in the order of their codes: two floats, the integers without
// a sign, those with one.
var widths = [...]int{4, 8, 1, 2, 4, 8, 1, 2, 4, 8}

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
		var x time.Time
		rest, err := wire.ReadTime(s, &x)
		*v = x
		return rest, err
	}
	var x any
	rest, err := handOver(s, func(d *msgpack.Decoder) (err error) {
		x, err = d.DecodeInterface()
		return err
	})
	*v = x // and not in the function: v would escape to the heap, with every value of a map
	return rest, err
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
