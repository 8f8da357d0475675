package wire

import "unsafe"

// small is the length up to which an input is copied without a look at it.
const small = 4 << 10

// MaxDepth bounds how deep values nest.
const MaxDepth = 1000

// Copy returns the value that b begins with as a string, in which the strings of an event then stand. The copy
// may hold some of the input behind the value, or bytes that are no value at all.
func Copy(b []byte) string {
	if len(b) > small {
		if rest, err := skipValue(View(b), 0); err == nil {
			return string(b[:len(b)-len(rest)])
		}
	}
	return string(b)
}

// Scan is Copy for an event that may hold itself. All of its value is looked at first: it is an error when
// values nest deeper than MaxDepth, and every length in it is covered by the input.
func Scan(b []byte) (string, error) {
	rest, err := Skip(View(b))
	if err != nil {
		return "", err
	}
	return string(b[:len(b)-len(rest)]), nil
}

// Bounded returns b, to which an event that may hold itself was appended after n bytes. It is an error when
// values nest deeper than MaxDepth, since no reader accepts them.
func Bounded(b []byte, n int, err error) ([]byte, error) {
	if err == nil {
		_, err = Skip(View(b[n:]))
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// View returns b as a string without a copy, for events of which no string is a part of
// it. It must not be kept.
func View(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Rest returns the part of b behind the value, given the copy in that was made of b, and the unread rest s of
// that copy.
func Rest(b []byte, in, s string, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return b[len(in)-len(s):], nil
}

// readBigEndian reads a big-endian number of n bytes, which must be there.
func readBigEndian(s string, n int) uint64 {
	var v uint64
	for i := range n {
		v = v<<8 | uint64(s[i])
	}
	return v
}

// readBigEndian64 is readBigEndian of eight bytes, which the compiler makes one load.
func readBigEndian64(s string) uint64 {
	_ = s[7]
	return uint64(s[7]) | uint64(s[6])<<8 | uint64(s[5])<<16 | uint64(s[4])<<24 |
		uint64(s[3])<<32 | uint64(s[2])<<40 | uint64(s[1])<<48 | uint64(s[0])<<56
}

// readLength reads a length of size bytes after a code. A length that exceeds the rest of the input is an error,
// since every unit of it takes at least a byte.
func readLength(s string, size int) (n int, rest string, err error) {
	if len(s) <= size {
		rest, err = failShort(size + 1 - len(s))
		return 0, rest, err
	}
	long := readBigEndian(s[1:], size)
	s = s[1+size:]
	if long > uint64(len(s)) {
		rest, err = failRead("a length of %d with %d bytes left", long, len(s))
		return 0, rest, err
	}
	return int(long), s, nil
}

// IsNil reports whether the next value is nil.
func IsNil(s string) bool { return s != "" && s[0] == codeNil }

// peekCode returns the next code, and at the end one that begins nothing.
func peekCode(s string) byte {
	if s == "" {
		return 0xc1
	}
	return s[0]
}
