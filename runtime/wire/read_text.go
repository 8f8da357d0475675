package wire

// chunk is how much of the input is copied when a string is read, so that its neighbours
// need no allocation of their own. It bounds what one string keeps alive.
const chunk = 1 << 10

// String reads a string or binary data.
func (r *Reader) String() string {
	if r.pos < len(r.buf) {
		start := r.pos + 1
		end := start + int(r.buf[r.pos]&0x1f)
		if r.buf[r.pos]&0xe0 == fixStr && start >= r.base && end <= r.base+len(r.text) {
			r.pos = end
			return r.text[start-r.base : end-r.base]
		}
	}
	return r.longString()
}

// longString reads a string that is long, or not in the copy yet.
func (r *Reader) longString() string {
	n, ok := r.textLen("a string")
	if !ok || n == 0 {
		return ""
	}
	end := r.pos + n
	if r.pos < r.base || end > r.base+len(r.text) {
		r.copyText(n)
	}
	s := r.text[r.pos-r.base : end-r.base]
	r.pos = end
	return s
}

// copyText makes text cover the next n bytes, and more of what follows them.
func (r *Reader) copyText(n int) {
	r.base = r.pos
	r.text = string(r.buf[r.pos:min(r.pos+max(n, chunk), len(r.buf))])
}

// textLen reads the header of a string or binary data that is wholly there. It is false
// for nil too.
func (r *Reader) textLen(due string) (n int, ok bool) {
	c := r.peek()
	switch {
	case c&0xe0 == fixStr:
		r.pos++
		n = int(c & 0x1f)
	case c >= str8 && c <= str32:
		r.pos++
		n = r.length(1 << (c - str8))
	case c >= bin8 && c <= bin32:
		r.pos++
		n = r.length(1 << (c - bin8))
	case r.Nil():
		return 0, false
	default:
		r.failType(due)
		return 0, false
	}
	if n > r.left() {
		r.fail("the input ends %d bytes early", n-r.left())
	}
	return n, r.err == nil
}

// raw reads a string or binary data without a copy; it is nil for nil and for an error.
func (r *Reader) raw() []byte {
	n, ok := r.textLen("a string")
	if !ok {
		return nil
	}
	return r.take(n)
}

// Bytes reads binary data or a string into memory of its own; nil stays nil.
func (r *Reader) Bytes() []byte {
	n, ok := r.textLen("binary data")
	if !ok {
		return nil
	}
	b := make([]byte, n)
	copy(b, r.take(n))
	return b
}

// ByteArray reads binary data or a string of exactly len(into) bytes. Nil leaves it as it is.
func (r *Reader) ByteArray(into []byte) {
	n, ok := r.textLen("binary data")
	if !ok {
		return
	}
	if n != len(into) {
		r.fail("%d bytes where %d are due", n, len(into))
		return
	}
	copy(into, r.take(n))
}
