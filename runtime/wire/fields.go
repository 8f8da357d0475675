package wire

// Fields reads a struct: a map of its fields, or an array of them in their order. It is
// used in passes over all fields of the struct, each in the order in which it is written:
//
//	for f := r.Struct(2); f.Next(); {
//		if f.Is(0, "\xa8order_id") {
//			v.OrderID = r.String()
//		}
//		if f.Is(1, "\xa6amount") {
//			v.Amount = r.Float64()
//		}
//	}
//
// An input in that order takes one pass and one comparison for each field; any other
// order takes more passes.
type Fields struct {
	r    *Reader
	left int // entries whose key was not read
	mark int // left at the begin of this pass

	slow  bool   // array, or other is set
	array bool   // the values stand in field order, without keys
	other []byte // the next key, written in another form than ours

	last string // the key that was read last, with its header
	seen uint64 // fields 0 to 63
	rest []uint64
}

// Struct reads the header of a struct of n fields.
func (r *Reader) Struct(n int) Fields {
	f := Fields{r: r, mark: -1}
	if c := r.peek(); c&0xf0 == fixMap && int(c&0x0f) <= r.left()/2 {
		r.pos++
		f.left = int(c & 0x0f)
	} else {
		f.open(c, n)
	}
	r.enter()
	return f
}

func (f *Fields) open(c byte, n int) {
	if c&0xf0 == fixArray || c == array16 || c == array32 {
		f.array, f.slow = true, true
		if f.r.ArrayOf(n) {
			f.left = n
		}
		return
	}
	f.left = max(f.r.MapLen(), 0)
}

// Next begins a pass. It is false when all fields were read, or after an error.
func (f *Fields) Next() bool {
	for f.r.err == nil && f.left == f.mark {
		f.unmatched()
	}
	if f.r.err != nil {
		f.failed()
		return false
	}
	if f.left == 0 {
		f.r.leave()
		return false
	}
	f.mark = f.left
	return true
}

func (f *Fields) failed() {
	if f.last != "" {
		f.r.under(name(f.last))
	}
}

// Is reports whether the next entry is field i, whose key is given with its header, and
// reads that key.
func (f *Fields) Is(i int, key string) bool {
	r := f.r
	if f.slow {
		return f.isSlow(i, key)
	}
	if end := r.pos + len(key); end <= len(r.buf) && string(r.buf[r.pos:end]) == key {
		r.pos = end
		return f.hit(i, key)
	}
	return false
}

// hit counts the field whose key was just read.
func (f *Fields) hit(i int, key string) bool {
	f.left--
	f.last = key
	if i < 64 && f.seen&(1<<i) == 0 {
		f.seen |= 1 << i
		return true
	}
	return f.hitMany(i)
}

func (f *Fields) hitMany(i int) bool {
	word, bit := i/64-1, uint64(1)<<(i%64)
	if word >= 0 {
		for len(f.rest) <= word {
			f.rest = append(f.rest, 0)
		}
		if f.rest[word]&bit == 0 {
			f.rest[word] |= bit
			return true
		}
	}
	f.r.fail("the field comes twice")
	return false
}

// isSlow is Is for an array, and for a key in another form than ours.
func (f *Fields) isSlow(i int, key string) bool {
	if f.array {
		if f.r.err != nil {
			return false
		}
		f.left--
		f.last = key
		return true
	}
	if string(f.other) != name(key) {
		return false
	}
	f.slow, f.other = false, nil
	return f.hit(i, key)
}

// unmatched is called when a pass over all fields did not match the next key: it is
// unknown and its value skipped, or it is written in another form, which the next pass tries.
func (f *Fields) unmatched() {
	if f.other != nil {
		f.slow, f.other = false, nil
		f.skip()
		return
	}
	r := f.r
	c := r.peek()
	key := r.raw()
	if key == nil && r.err == nil {
		r.fail("nil where a field's name is due")
	}
	if r.err != nil {
		f.last = ""
		return
	}
	if c == shortest(len(key)) {
		f.skip()
		return
	}
	f.slow, f.other = true, key
	f.mark = -1
}

func (f *Fields) skip() {
	f.last = ""
	f.left--
	f.r.Skip()
}

// shortest is the code with which our keys of that length begin.
func shortest(n int) byte {
	switch {
	case n < 32:
		return fixStr | byte(n)
	case n < 256:
		return str8
	case n < 1<<16:
		return str16
	}
	return str32
}

// name takes the header off a key.
func name(key string) string {
	switch c := key[0]; c {
	case str8:
		return key[2:]
	case str16:
		return key[3:]
	case str32:
		return key[5:]
	}
	return key[1:]
}
