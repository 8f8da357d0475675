package wire

// Skip reads a value of any type and drops it.
func (r *Reader) Skip() {
	c := r.peek()
	switch {
	case c < fixMap || c >= negFix || c == codeNil || c == codeNo || c == codeYes:
		if r.left() > 0 {
			r.pos++
		}
	case c&0xf0 == fixArray || c == array16 || c == array32:
		r.skipMany(r.ArrayLen())
	case c&0xf0 == fixMap || c == map16 || c == map32:
		r.skipMany(2 * r.MapLen())
	case isStr(c) || c >= bin8 && c <= bin32:
		r.raw()
	case c == code32f || c == code64f:
		r.pos++
		r.take(4 << (c - code32f))
	case c >= uint8c && c <= int64c:
		r.integer("")
	case c >= ext8 && c <= ext32 || c >= fixExt1 && c <= fixExt16:
		r.ext()
	default:
		r.failType("a value")
	}
}

func (r *Reader) skipMany(n int) {
	if !r.enter() {
		return
	}
	for i := 0; i < n && r.err == nil; i++ {
		r.Skip()
	}
	r.leave()
}

// ext reads an extension: its data, without a copy, and its type.
func (r *Reader) ext() (data []byte, typ byte) {
	c := r.peek()
	r.pos++
	n := 0
	if c >= fixExt1 {
		n = 1 << (c - fixExt1)
	} else {
		n = r.length(1 << (c - ext8))
	}
	typ = byte(r.number(1))
	return r.take(n), typ
}
