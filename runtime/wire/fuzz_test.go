package wire_test

import (
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/wire"
)

// reader reads one value of a kind and drops it.
type reader func(s string) (rest string, err error)

func into[T any](read func(string, *T) (string, error)) reader {
	return func(s string) (string, error) {
		var v T
		return read(s, &v)
	}
}

// readers are the primitives of generated decoders, each of which reads one value.
var readers = map[string]reader{
	"bool": into(wire.ReadBool), "int": into(wire.ReadInt), "int8": into(wire.ReadInt8), "int16": into(wire.ReadInt16),
	"int32": into(wire.ReadInt32), "int64": into(wire.ReadInt64), "uint": into(wire.ReadUint), "uint8": into(wire.ReadUint8),
	"uint16": into(wire.ReadUint16), "uint32": into(wire.ReadUint32), "uint64": into(wire.ReadUint64),
	"float32": into(wire.ReadFloat32), "float64": into(wire.ReadFloat64), "duration": into(wire.ReadDuration),
	"time": into(wire.ReadTime), "string": into(wire.ReadString), "own string": into(wire.ReadOwnString),
	"bytes": into(wire.ReadBytes), "raw": into(wire.ReadRaw), "error": into(wire.ReadError),
	"byte array": func(s string) (string, error) { return wire.ReadByteArray(s, make([]byte, 4)) },
}

// FuzzReaders reads hostile bytes by every primitive: no panic, and what one takes is a whole
// value, after which it leaves what Skip leaves.
func FuzzReaders(f *testing.F) {
	for _, s := range []string{
		"", "\x00", "\xff", "\xc0", "\xc1", "\xc2", "\xc4\x01a", "\xc5\x00\x01a", "\xc6\x00\x00\x00\x01a", "\xc7\x0c\xff",
		"\xca\x3f\x80\x00\x00", "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", "\xcc\xff", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
		"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "\xd4\xff\x00", "\xd6\xff\x00\x00\x00\x01", "\xd7\xff\xee\x6b\x28\x00\x00\x00\x00\x00",
		"\xd9\x01a", "\xda\x00\x01a", "\xdb\x00\x00\x00\x01a", "\xdd\x05\xf5\xe1\x00", "\xdf\x05\xf5\xe1\x00", "\x92\x01\x02",
		"\x81\xa1a\x93\x01\xc0\xa1b", "\xb42001-02-03T04:05:06Z", "\xc7\x0c\xff\x3b\x9a\xca\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		strings.Repeat("\x91", 1100), string(wire.AppendTime(nil, time.Unix(1<<40, 5))),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := wire.Copy(b)
		left, bad := wire.Skip(s)
		for name, read := range readers {
			rest, err := read(s)
			if err != nil {
				continue
			}
			if !strings.HasSuffix(s, rest) || len(rest) == len(s) {
				t.Errorf("%s leaves % x of % x", name, rest, s)
			}
			if bad == nil && len(rest) != len(left) {
				t.Errorf("%s leaves %d of % x, Skip %d", name, len(rest), s, len(left))
			}
		}
		headers(t, s)
	})
}

// headers reads the length of a sequence, which is at most what is left.
func headers(t *testing.T, s string) {
	t.Helper()
	for name, read := range map[string]func(string) (int, string, error){"array": wire.ReadArrayLen, "map": wire.ReadMapLen} {
		n, rest, err := read(s)
		if err == nil && (n > len(rest) || n < -1 || !strings.HasSuffix(s, rest)) {
			t.Errorf("%s of %d with %d bytes left of % x", name, n, len(rest), s)
		}
	}
}
