package wire

import (
	"math"
	"time"
)

// ReadBool reads a bool.
func ReadBool(s string, v *bool) (string, error) {
	switch c := peekCode(s); c {
	case codeYes, codeNo, codeNil:
		*v = c == codeYes
		return s[1:], nil
	}
	return failType(s, "a bool")
}

// readInteger reads an integer of any width: its two's complement, and whether it is negative.
func readInteger(s, due string) (u uint64, negative bool, rest string, err error) {
	size, signed := 0, false
	switch c := peekCode(s); {
	case c < fixMap:
		return uint64(c), false, s[1:], nil
	case c >= negFix:
		return uint64(int64(int8(c))), true, s[1:], nil
	case c == codeNil:
		return 0, false, s[1:], nil
	case c >= uint8c && c <= uint64c:
		size = 1 << (c - uint8c)
	case c >= int8c && c <= int64c:
		size, signed = 1<<(c-int8c), true
	default:
		rest, err = failType(s, due)
		return 0, false, rest, err
	}
	if len(s) <= size {
		rest, err = failShort(size + 1 - len(s))
		return 0, false, rest, err
	}
	u, rest = readBigEndian(s[1:], size), s[1+size:]
	if signed {
		shift := 64 - 8*size
		u = uint64(int64(u<<shift) >> shift)
	}
	return u, signed && int64(u) < 0, rest, nil
}

// ReadInt64 reads an integer of any width that fits.
func ReadInt64(s string, v *int64) (string, error) {
	if s != "" && s[0] < fixMap {
		*v = int64(s[0])
		return s[1:], nil
	}
	if len(s) > 8 && s[0] == int64c {
		*v = int64(readBigEndian64(s[1:]))
		return s[9:], nil
	}
	x, s, err := readSigned(s, math.MinInt64, math.MaxInt64)
	*v = x
	return s, err
}

// readSigned reads an integer between two bounds.
func readSigned(s string, low, high int64) (int64, string, error) {
	u, negative, s, err := readInteger(s, "an integer")
	if x := int64(u); err == nil && (x < 0) == negative && low <= x && x <= high {
		return x, s, nil
	}
	if err == nil {
		s, err = failFit()
	}
	return 0, s, err
}

// readUnsigned reads an integer up to a bound.
func readUnsigned(s string, high uint64) (uint64, string, error) {
	u, negative, s, err := readInteger(s, "an integer")
	if err == nil && !negative && u <= high {
		return u, s, nil
	}
	if err == nil {
		s, err = failFit()
	}
	return 0, s, err
}

func failFit() (string, error) { return failRead("an integer that does not fit") }

// ReadInt reads an integer of any width that fits.
func ReadInt(s string, v *int) (string, error) {
	if s != "" && s[0] < fixMap {
		*v = int(s[0])
		return s[1:], nil
	}
	x, s, err := readSigned(s, math.MinInt, math.MaxInt)
	*v = int(x)
	return s, err
}

// ReadInt32 reads an integer of any width that fits.
func ReadInt32(s string, v *int32) (string, error) {
	x, s, err := readSigned(s, math.MinInt32, math.MaxInt32)
	*v = int32(x)
	return s, err
}

// ReadInt16 reads an integer of any width that fits.
func ReadInt16(s string, v *int16) (string, error) {
	x, s, err := readSigned(s, math.MinInt16, math.MaxInt16)
	*v = int16(x)
	return s, err
}

// ReadInt8 reads an integer of any width that fits.
func ReadInt8(s string, v *int8) (string, error) {
	x, s, err := readSigned(s, math.MinInt8, math.MaxInt8)
	*v = int8(x)
	return s, err
}

// ReadUint64 reads an integer of any width that fits.
func ReadUint64(s string, v *uint64) (string, error) {
	if len(s) > 8 && s[0] == uint64c {
		*v = readBigEndian64(s[1:])
		return s[9:], nil
	}
	x, s, err := readUnsigned(s, math.MaxUint64)
	*v = x
	return s, err
}

// ReadUint reads an integer of any width that fits.
func ReadUint(s string, v *uint) (string, error) {
	x, s, err := readUnsigned(s, math.MaxUint)
	*v = uint(x)
	return s, err
}

// ReadUint32 reads an integer of any width that fits.
func ReadUint32(s string, v *uint32) (string, error) {
	x, s, err := readUnsigned(s, math.MaxUint32)
	*v = uint32(x)
	return s, err
}

// ReadUint16 reads an integer of any width that fits.
func ReadUint16(s string, v *uint16) (string, error) {
	x, s, err := readUnsigned(s, math.MaxUint16)
	*v = uint16(x)
	return s, err
}

// ReadUint8 reads an integer of any width that fits.
func ReadUint8(s string, v *uint8) (string, error) {
	x, s, err := readUnsigned(s, math.MaxUint8)
	*v = uint8(x)
	return s, err
}

// ReadFloat64 reads a float of either width, or an integer.
func ReadFloat64(s string, v *float64) (string, error) {
	if len(s) > 8 && s[0] == code64f {
		*v = math.Float64frombits(readBigEndian64(s[1:]))
		return s[9:], nil
	}
	if len(s) > 4 && s[0] == code32f {
		*v = float64(math.Float32frombits(uint32(readBigEndian(s[1:], 4))))
		return s[5:], nil
	}
	return readFloat(s, v)
}

// readFloat reads an integer as a float, or fails.
func readFloat(s string, v *float64) (string, error) {
	if c := peekCode(s); c == code64f || c == code32f {
		return failRead("the input ends in a float")
	}
	u, negative, s, err := readInteger(s, "a number")
	if *v = float64(u); negative {
		*v = float64(int64(u))
	}
	return s, err
}

// ReadFloat32 reads a float of either width, or an integer. A float64 is rounded; one that
// is too large is an error.
func ReadFloat32(s string, v *float32) (string, error) {
	if len(s) > 4 && s[0] == code32f {
		*v = math.Float32frombits(uint32(readBigEndian(s[1:], 4)))
		return s[5:], nil
	}
	var x float64
	s, err := ReadFloat64(s, &x)
	if err == nil && math.Abs(x) > math.MaxFloat32 && !math.IsInf(x, 0) {
		return failRead("a float that does not fit")
	}
	*v = float32(x)
	return s, err
}

// ReadDuration reads an integer of nanoseconds.
func ReadDuration(s string, v *time.Duration) (string, error) { return ReadInt64(s, (*int64)(v)) }
