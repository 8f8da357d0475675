package wire

import "unsafe"

// spare is what may be allocated before elements are read, whatever the input's length.
const spare = 64 << 10

// factor bounds what may be allocated for each byte that is left.
const factor = 64

// ReadArrayLen reads the header of an array: -1 for nil and with an error. Every element
// takes at least one byte, so more elements than bytes are an error at once.
func ReadArrayLen(s string) (n int, rest string, err error) {
	c := peekCode(s)
	if c&0xf0 == fixArray && int(c&0x0f) < len(s) {
		return int(c & 0x0f), s[1:], nil
	}
	switch {
	case c == codeNil:
		return -1, s[1:], nil
	case c == array16 || c == array32:
		n, rest, err = readLength(s, 2<<(c-array16))
	case c&0xf0 == fixArray:
		rest, err = failRead("%d elements in %d bytes", c&0x0f, len(s)-1)
	default:
		rest, err = failType(s, "an array")
	}
	if err != nil {
		n = -1
	}
	return n, rest, err
}

// ReadArrayOf reads the header of an array that must have want elements, and returns
// their number; 0 for nil and with an error.
func ReadArrayOf(s string, want int) (n int, rest string, err error) {
	n, rest, err = ReadArrayLen(s)
	if n >= 0 && n != want {
		rest, err = failRead("an array of %d elements where %d are due", n, want)
	}
	if n != want {
		n = 0
	}
	return n, rest, err
}

// ReadMapLen reads the header of a map: -1 for nil and with an error.
func ReadMapLen(s string) (n int, rest string, err error) {
	c := peekCode(s)
	switch {
	case c&0xf0 == fixMap:
		n, rest = int(c&0x0f), s[1:]
	case c == codeNil:
		return -1, s[1:], nil
	case c == map16 || c == map32:
		n, rest, err = readLength(s, 2<<(c-map16))
	default:
		rest, err = failType(s, "a map")
	}
	if err == nil && n > len(rest)/2 {
		rest, err = failRead("%d entries in %d bytes", n, len(rest))
	}
	if err != nil {
		n = -1
	}
	return n, rest, err
}

// Entry is called after entry i of a map was read, with the map's length then. It fails at
// a key that came twice, and completes the path of an error.
func Entry(s string, err error, key string, i, length int) (string, error) {
	if err == nil && length == i+1 {
		return s, nil
	}
	if err == nil {
		s, err = failRead("the key comes twice")
	}
	return s, prefixPath(err, keyStep(key))
}

// EntryOf is Entry for keys that are not strings. A key that does not equal itself, as NaN, is
// an error.
func EntryOf[K comparable](s string, err error, key K, i, length int) (string, error) {
	same := key
	if err == nil && same == key && length == i+1 {
		return s, nil
	}
	switch {
	case err != nil:
		return s, In(err, key)
	case same != key:
		return "", CheckKey(key)
	}
	_, err = failRead("the key comes twice")
	return "", In(err, key)
}

// MakeSlice returns an empty slice with room for n elements, or for fewer when the bytes
// that are left do not vouch for them; append then grows it as they come. It is nil for
// a negative n.
func MakeSlice[T any](s string, n int) []T {
	if n < 0 {
		return nil
	}
	var zero T
	return make([]T, 0, boundElements(s, n, unsafe.Sizeof(zero)))
}

// mapOverhead is what a map takes for an entry beside key and value.
const mapOverhead = 16

// MakeMap returns an empty map with room for n entries, or for fewer when the bytes that
// are left do not vouch for them. It is nil for a negative n.
func MakeMap[K comparable, V any](s string, n int) map[K]V {
	if n < 0 {
		return nil
	}
	var (
		k K
		v V
	)
	return make(map[K]V, boundElements(s, n, 2*(unsafe.Sizeof(k)+unsafe.Sizeof(v)+mapOverhead)))
}

// boundElements bounds n elements of that size by the bytes that are left.
func boundElements(s string, n int, size uintptr) int {
	if size == 0 {
		return n
	}
	return int(min(uint64(n), (factor*uint64(len(s))+spare)/uint64(size)))
}
