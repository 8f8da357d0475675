package templates

import "math"

// encodedKey is a field's name as it stands on the wire: "\xa8order_id".
func encodedKey(name string) string {
	n := len(name)
	switch {
	case n < 32:
		return string([]byte{0xa0 | byte(n)}) + name
	case n <= math.MaxUint8:
		return string([]byte{0xd9, byte(n)}) + name
	case n <= math.MaxUint16:
		return string([]byte{0xda, byte(n >> 8), byte(n)}) + name
	}
	return string([]byte{0xdb, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) + name
}

// mapHeader is the header of a struct with n fields: "\x82".
func mapHeader(n int) string {
	if n < 16 {
		return string([]byte{0x80 | byte(n)})
	}
	return string([]byte{0xde, byte(n >> 8), byte(n)})
}

// arrayHeader is the header of an array of n fields: "\x92".
func arrayHeader(n int) string {
	if n < 16 {
		return string([]byte{0x90 | byte(n)})
	}
	return string([]byte{0xdc, byte(n >> 8), byte(n)})
}
