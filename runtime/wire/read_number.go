package wire

import (
	"encoding/binary"
	"math"
	"time"
)

// Bool reads a bool.
func (r *Reader) Bool() bool {
	switch r.peek() {
	case codeYes:
		r.pos++
		return true
	case codeNo, codeNil:
		r.pos++
		return false
	}
	r.failType("a bool")
	return false
}

// Int64 reads an integer of any width that fits.
func (r *Reader) Int64() int64 {
	if r.pos < len(r.buf) {
		if c := r.buf[r.pos]; c < fixMap {
			r.pos++
			return int64(c)
		} else if c == int64c && r.left() > 8 {
			v := binary.BigEndian.Uint64(r.buf[r.pos+1:])
			r.pos += 9
			return int64(v)
		}
	}
	return r.anyInt()
}

// anyInt reads an integer of any width as an int64.
func (r *Reader) anyInt() int64 {
	u, negative := r.integer("an integer")
	if !negative && u > math.MaxInt64 {
		r.failFit()
		return 0
	}
	return int64(u)
}

// integer reads an integer of any width: its two's complement, and whether it is negative.
func (r *Reader) integer(due string) (u uint64, negative bool) {
	c := r.peek()
	switch {
	case c < fixMap:
		r.pos++
		return uint64(c), false
	case c >= negFix:
		r.pos++
		return uint64(int64(int8(c))), true
	case c >= uint8c && c <= uint64c:
		r.pos++
		return r.number(1 << (c - uint8c)), false
	case c >= int8c && c <= int64c:
		r.pos++
		size := 1 << (c - int8c)
		shift := 64 - 8*size
		v := int64(r.number(size)<<shift) >> shift
		return uint64(v), v < 0
	case c == codeNil:
		r.pos++
		return 0, false
	}
	r.failType(due)
	return 0, false
}

// failFit fails for an integer that was just read.
func (r *Reader) failFit() { r.fail("an integer that does not fit") }

// Uint64 reads an integer of any width that fits.
func (r *Reader) Uint64() uint64 {
	if r.pos < len(r.buf) {
		if c := r.buf[r.pos]; c < fixMap {
			r.pos++
			return uint64(c)
		} else if c == uint64c && r.left() > 8 {
			v := binary.BigEndian.Uint64(r.buf[r.pos+1:])
			r.pos += 9
			return v
		}
	}
	return r.anyUint()
}

func (r *Reader) anyUint() uint64 {
	u, negative := r.integer("an integer")
	if negative {
		r.failFit()
		return 0
	}
	return u
}

// Int reads an integer of any width that fits.
func (r *Reader) Int() int {
	v := r.Int64()
	if int64(int(v)) != v {
		r.failFit()
		return 0
	}
	return int(v)
}

// Int32 reads an integer of any width that fits.
func (r *Reader) Int32() int32 { return int32(r.signed(math.MinInt32, math.MaxInt32)) }

// Int16 reads an integer of any width that fits.
func (r *Reader) Int16() int16 { return int16(r.signed(math.MinInt16, math.MaxInt16)) }

// Int8 reads an integer of any width that fits.
func (r *Reader) Int8() int8 { return int8(r.signed(math.MinInt8, math.MaxInt8)) }

func (r *Reader) signed(low, high int64) int64 {
	v := r.anyInt()
	if v < low || v > high {
		r.failFit()
		return 0
	}
	return v
}

// Uint reads an integer of any width that fits.
func (r *Reader) Uint() uint { return uint(r.unsigned(math.MaxUint)) }

// Uint32 reads an integer of any width that fits.
func (r *Reader) Uint32() uint32 { return uint32(r.unsigned(math.MaxUint32)) }

// Uint16 reads an integer of any width that fits.
func (r *Reader) Uint16() uint16 { return uint16(r.unsigned(math.MaxUint16)) }

// Uint8 reads an integer of any width that fits.
func (r *Reader) Uint8() uint8 { return uint8(r.unsigned(math.MaxUint8)) }

func (r *Reader) unsigned(high uint64) uint64 {
	v := r.anyUint()
	if v > high {
		r.failFit()
		return 0
	}
	return v
}

// Float64 reads a float of either width, or an integer.
func (r *Reader) Float64() float64 {
	if r.left() > 8 && r.buf[r.pos] == code64f {
		v := binary.BigEndian.Uint64(r.buf[r.pos+1:])
		r.pos += 9
		return math.Float64frombits(v)
	}
	return r.anyFloat()
}

func (r *Reader) anyFloat() float64 {
	switch r.peek() {
	case code64f:
		r.pos++
		return math.Float64frombits(r.number(8))
	case code32f:
		r.pos++
		return float64(math.Float32frombits(uint32(r.number(4))))
	}
	u, negative := r.integer("a number")
	if negative {
		return float64(int64(u))
	}
	return float64(u)
}

// Float32 reads a float of either width, or an integer. A float64 is rounded; one that is
// too large is an error.
func (r *Reader) Float32() float32 {
	if r.left() > 4 && r.buf[r.pos] == code32f {
		v := binary.BigEndian.Uint32(r.buf[r.pos+1:])
		r.pos += 5
		return math.Float32frombits(v)
	}
	v := r.anyFloat()
	if math.Abs(v) > math.MaxFloat32 && !math.IsInf(v, 0) {
		r.fail("a float that does not fit")
		return 0
	}
	return float32(v)
}

// Duration reads an integer of nanoseconds.
func (r *Reader) Duration() time.Duration { return time.Duration(r.Int64()) }
