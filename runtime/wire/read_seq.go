package wire

import "unsafe"

// spare is what may be allocated before elements are read, whatever the input's length.
const spare = 64 << 10

// factor bounds what may be allocated for each byte that is left.
const factor = 64

// ArrayLen reads the header of an array. It returns -1 for nil and for an error. Every
// element takes at least one byte, so more elements than bytes are an error at once.
func (r *Reader) ArrayLen() int {
	c := r.peek()
	n := 0
	switch {
	case c&0xf0 == fixArray:
		r.pos++
		n = int(c & 0x0f)
	case c == array16 || c == array32:
		r.pos++
		n = r.length(2 << (c - array16))
	case r.Nil():
		return -1
	default:
		r.failType("an array")
		return -1
	}
	return r.count(n, n)
}

// ArrayOf reads the header of an array that must have n elements. It is false for nil and
// for an error.
func (r *Reader) ArrayOf(n int) bool {
	got := r.ArrayLen()
	if got >= 0 && got != n {
		r.fail("an array of %d elements where %d are due", got, n)
		return false
	}
	return got >= 0
}

// MapLen reads the header of a map. It returns -1 for nil and for an error.
func (r *Reader) MapLen() int {
	c := r.peek()
	n := 0
	switch {
	case c&0xf0 == fixMap:
		r.pos++
		n = int(c & 0x0f)
	case c == map16 || c == map32:
		r.pos++
		n = r.length(2 << (c - map16))
	case r.Nil():
		return -1
	default:
		r.failType("a map")
		return -1
	}
	return r.count(n, 2*n)
}

// count returns n, or -1 when fewer than least bytes are left.
func (r *Reader) count(n, least int) int {
	if least > r.left() {
		r.fail("%d elements in %d bytes", n, r.left())
	}
	if r.err != nil {
		return -1
	}
	return n
}

// More reports whether there is an element i of n. After an error it completes the path
// and ends the loop.
func (r *Reader) More(i, n int) bool {
	if r.err == nil {
		return i < n
	}
	r.under(Index(i - 1))
	return false
}

// Entry is called after entry i of a map was read, with the map's length. It reports
// whether the loop goes on: it ends with an error and at a key that came twice.
func (r *Reader) Entry(key string, i, length int) bool {
	if r.err == nil && length == i+1 {
		return true
	}
	if r.err == nil {
		r.fail("the key comes twice")
	}
	r.under(Key(key))
	return false
}

// under puts a step in front of the error's path.
func (r *Reader) under(step string) { r.err.Path = Join(step, r.err.Path) }

// MakeSlice returns an empty slice with room for n elements, or for fewer when the bytes
// that are left do not vouch for them; append then grows it as they come.
func MakeSlice[T any](r *Reader, n int) []T {
	var zero T
	return make([]T, 0, r.room(n, unsafe.Sizeof(zero)))
}

// mapOverhead is what a map takes for an entry beside key and value.
const mapOverhead = 16

// MakeMap returns an empty map with room for n entries, or for fewer when the bytes that
// are left do not vouch for them.
func MakeMap[K comparable, V any](r *Reader, n int) map[K]V {
	var (
		k K
		v V
	)
	return make(map[K]V, r.room(n, 2*(unsafe.Sizeof(k)+unsafe.Sizeof(v)+mapOverhead)))
}

// room bounds n elements of that size by the bytes that are left.
func (r *Reader) room(n int, size uintptr) int {
	if size == 0 {
		return n
	}
	return int(min(uint64(n), (factor*uint64(r.left())+spare)/uint64(size)))
}
