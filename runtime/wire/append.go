package wire

import (
	"encoding/binary"
	"math"
	"time"
	"unsafe"
)

// The first bytes of the MessagePack forms.
const (
	fixMap   = 0x80
	fixArray = 0x90
	fixStr   = 0xa0
	codeNil  = 0xc0
	codeNo   = 0xc2
	codeYes  = 0xc3
	bin8     = 0xc4
	bin16    = 0xc5
	bin32    = 0xc6
	ext8     = 0xc7
	ext16    = 0xc8
	ext32    = 0xc9
	code32f  = 0xca
	code64f  = 0xcb
	uint8c   = 0xcc
	uint16c  = 0xcd
	uint32c  = 0xce
	uint64c  = 0xcf
	int8c    = 0xd0
	int16c   = 0xd1
	int32c   = 0xd2
	int64c   = 0xd3
	fixExt1  = 0xd4
	fixExt2  = 0xd5
	fixExt4  = 0xd6
	fixExt8  = 0xd7
	fixExt16 = 0xd8
	str8     = 0xd9
	str16    = 0xda
	str32    = 0xdb
	array16  = 0xdc
	array32  = 0xdd
	map16    = 0xde
	map32    = 0xdf
	negFix   = 0xe0
)

// AppendNil appends nil.
func AppendNil(b []byte) []byte { return append(b, codeNil) }

// AppendBool appends a bool.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, codeYes)
	}
	return append(b, codeNo)
}

// AppendInt appends an int in its shortest form.
func AppendInt(b []byte, v int) []byte {
	if v >= 0 {
		return AppendUint(b, uint(v))
	}
	return appendNegative(b, int64(v))
}

func appendNegative(b []byte, v int64) []byte {
	switch {
	case v >= -32:
		return append(b, byte(v))
	case v >= math.MinInt8:
		return AppendInt8(b, int8(v))
	case v >= math.MinInt16:
		return AppendInt16(b, int16(v))
	case v >= math.MinInt32:
		return AppendInt32(b, int32(v))
	}
	return AppendInt64(b, v)
}

// AppendUint appends a uint in its shortest form.
func AppendUint(b []byte, v uint) []byte {
	switch {
	case v <= math.MaxInt8:
		return append(b, byte(v))
	case v <= math.MaxUint8:
		return AppendUint8(b, uint8(v))
	case v <= math.MaxUint16:
		return AppendUint16(b, uint16(v))
	case uint64(v) <= math.MaxUint32:
		return AppendUint32(b, uint32(v))
	}
	return AppendUint64(b, uint64(v))
}

// AppendInt8 appends an int8 in two bytes.
func AppendInt8(b []byte, v int8) []byte { return append(b, int8c, byte(v)) }

// AppendInt16 appends an int16 in three bytes.
func AppendInt16(b []byte, v int16) []byte { return append(b, int16c, byte(v>>8), byte(v)) }

// AppendInt32 appends an int32 in five bytes.
func AppendInt32(b []byte, v int32) []byte {
	return append(b, int32c, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

// AppendInt64 appends an int64 in nine bytes.
func AppendInt64(b []byte, v int64) []byte { return appendCodeUint64(b, int64c, uint64(v)) }

// AppendUint8 appends a uint8 in two bytes.
func AppendUint8(b []byte, v uint8) []byte { return append(b, uint8c, v) }

// AppendUint16 appends a uint16 in three bytes.
func AppendUint16(b []byte, v uint16) []byte { return append(b, uint16c, byte(v>>8), byte(v)) }

// AppendUint32 appends a uint32 in five bytes.
func AppendUint32(b []byte, v uint32) []byte {
	return append(b, uint32c, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

// AppendUint64 appends a uint64 in nine bytes.
func AppendUint64(b []byte, v uint64) []byte { return appendCodeUint64(b, uint64c, v) }

// AppendFloat32 appends a float32 in five bytes.
func AppendFloat32(b []byte, v float32) []byte {
	return binary.BigEndian.AppendUint32(append(b, code32f), math.Float32bits(v))
}

// AppendFloat64 appends a float64 in nine bytes.
func AppendFloat64(b []byte, v float64) []byte {
	return appendCodeUint64(b, code64f, math.Float64bits(v))
}

// AppendDuration appends a duration as an int64 of nanoseconds.
func AppendDuration(b []byte, v time.Duration) []byte { return appendCodeUint64(b, int64c, uint64(v)) }

// appendCodeUint64 grows b once for the code and its eight bytes.
func appendCodeUint64(b []byte, code byte, v uint64) []byte {
	return append(b, code,
		byte(v>>56), byte(v>>48), byte(v>>40), byte(v>>32),
		byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

// AppendMapLen appends the header of a map or a struct with n entries.
func AppendMapLen(b []byte, n int) []byte {
	if n < 16 {
		return append(b, fixMap|byte(n))
	}
	return appendLen(b, map16, n)
}

// AppendArrayLen appends the header of an array of n elements.
func AppendArrayLen(b []byte, n int) []byte {
	if n < 16 {
		return append(b, fixArray|byte(n))
	}
	return appendLen(b, array16, n)
}

// appendLen appends a length in two bytes after code, or in four after the next code.
func appendLen(b []byte, code byte, n int) []byte {
	if n <= math.MaxUint16 {
		return append(b, code, byte(n>>8), byte(n))
	}
	return append(b, code+1, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// AppendString appends a string.
func AppendString(b []byte, v string) []byte {
	if len(v) < 32 {
		b = append(b, fixStr|byte(len(v)))
		return append(b, v...)
	}
	return appendLong(b, v)
}

// appendLong is a call that stays one, since AppendString is put into place for every string.
//
//go:noinline
func appendLong(b []byte, v string) []byte {
	if len(v) < 256 {
		return append(append(b, str8, byte(len(v))), v...)
	}
	return append(appendLen(b, str16, len(v)), v...)
}

// AppendBytes appends binary data; nil stays nil.
func AppendBytes(b, v []byte) []byte {
	if v == nil {
		return append(b, codeNil)
	}
	return append(AppendBytesLen(b, len(v)), v...)
}

// AppendBytesLen appends the header of n bytes of binary data.
func AppendBytesLen(b []byte, n int) []byte {
	if n < 256 {
		return append(b, bin8, byte(n))
	}
	return appendLen(b, bin16, n)
}

// AppendSliceHeader appends the header of a slice: its length, or nil.
func AppendSliceHeader[E any](b []byte, s []E) []byte {
	if s == nil {
		return append(b, codeNil)
	}
	return AppendArrayLen(b, len(s))
}

// AppendMapHeader appends the header of a map: its length, or nil.
func AppendMapHeader[K comparable, V any](b []byte, m map[K]V) []byte {
	if m == nil {
		return append(b, codeNil)
	}
	return AppendMapLen(b, len(m))
}

// Plain returns a slice of a named byte as a []byte of the same memory.
func Plain[B ~byte](v []B) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}

// PlainPointer is Plain for a pointer to a slice.
func PlainPointer[S ~[]B, B ~byte](v *S) *[]byte { return (*[]byte)(unsafe.Pointer(v)) }
