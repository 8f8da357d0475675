package wire

import "fmt"

// maxDepth bounds how deep values nest.
const maxDepth = 1000

// Reader reads one value from the begin of an input. Its first error sticks: what is
// read after it is zero, and More, Entry and Next end their loops.
//
// The strings that it returns share copies of the input, so they stay valid when the
// input is overwritten; one string may keep up to chunk bytes of its neighbours alive.
type Reader struct {
	buf   []byte
	pos   int // after an error len(buf)
	depth int
	err   *Error

	text string // a copy of buf from base on
	base int
}

// NewReader returns a reader of b. It keeps b until it is dropped, and never writes to it.
func NewReader(b []byte) Reader { return Reader{buf: b} }

// Rest returns what follows the value that was read, or the error.
func (r *Reader) Rest() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	return r.buf[r.pos:], nil
}

// fail keeps the first problem and moves to the end of the input, where nothing is read.
func (r *Reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Problem: fmt.Sprintf(format, args...), Offset: r.pos}
	}
	r.pos = len(r.buf)
}

// failType fails for a value of another type than the one that is due.
func (r *Reader) failType(due string) {
	if r.pos >= len(r.buf) {
		r.fail("the input ends where %s is due", due)
		return
	}
	r.fail("%s where %s is due", describe(r.buf[r.pos]), due)
}

// describe names the type that a code begins.
func describe(c byte) string {
	switch {
	case c < fixMap || c >= negFix || c >= uint8c && c <= int64c:
		return "an integer"
	case c < fixArray || c == map16 || c == map32:
		return "a map"
	case c < fixStr || c == array16 || c == array32:
		return "an array"
	case isStr(c):
		return "a string"
	case c == codeNil:
		return "nil"
	case c == codeNo || c == codeYes:
		return "a bool"
	case c >= bin8 && c <= bin32:
		return "binary data"
	case c == code32f || c == code64f:
		return "a float"
	case c == 0xc1:
		return "the unused code c1"
	}
	return "an extension"
}

func isStr(c byte) bool { return c&0xe0 == fixStr || c >= str8 && c <= str32 }

// peek returns the next code without reading it, and at the end a code that begins nothing.
func (r *Reader) peek() byte {
	if r.pos < len(r.buf) {
		return r.buf[r.pos]
	}
	return 0xc1
}

// left is the number of bytes that were not read.
func (r *Reader) left() int { return len(r.buf) - r.pos }

// take returns the next n bytes, or nil when there are fewer.
func (r *Reader) take(n int) []byte {
	if n > r.left() {
		r.fail("the input ends %d bytes early", n-r.left())
		return nil
	}
	b := r.buf[r.pos : r.pos+n]
	r.pos += n
	return b
}

// number reads a big-endian number of n bytes; 0 when there are fewer.
func (r *Reader) number(n int) uint64 {
	var v uint64
	for _, c := range r.take(n) {
		v = v<<8 | uint64(c)
	}
	return v
}

// length reads a length of size bytes. One that exceeds the whole input is an error, so
// that what is computed from it can't overflow.
func (r *Reader) length(size int) int {
	n := r.number(size)
	if n > uint64(len(r.buf)) {
		r.fail("a length of %d with %d bytes left", n, r.left())
		return 0
	}
	return int(n)
}

// Nil reads a nil when the next value is one, and reports whether it was.
func (r *Reader) Nil() bool {
	if r.pos < len(r.buf) && r.buf[r.pos] == codeNil {
		r.pos++
		return true
	}
	return false
}

// enter counts one more level of nesting; leave takes it back.
func (r *Reader) enter() bool {
	if r.depth++; r.depth > maxDepth {
		r.fail("values nest deeper than %d", maxDepth)
		return false
	}
	return true
}

func (r *Reader) leave() { r.depth-- }
