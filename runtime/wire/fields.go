package wire

// Names are the names of a struct's fields on the wire, each with its header. They never
// change, so one variable serves all readers.
type Names struct {
	// Keys holds the fields in the order in which they are written; other names under which
	// they are read follow.
	Keys []string
	// Aliases says for each of those other names which field it is.
	Aliases []int
}

// fields is the number of fields.
func (n *Names) fields() int { return len(n.Keys) - len(n.Aliases) }

// field is the field that a key names.
func (n *Names) field(key int) int {
	if key < n.fields() {
		return key
	}
	return n.Aliases[key-n.fields()]
}

// Fields reads a struct: a map of its fields in any order, or an array of them in theirs.
//
//	f := r.Struct(&names)
//	for f.Next(r) {
//		switch f.Field {
//		case 0: // order_id
//			v.OrderID = r.String()
//		case 1: // amount
//			v.Amount = r.Float64()
//		}
//	}
//
// The names are tried in their order, so that an input that we wrote takes one comparison
// for each field.
type Fields struct {
	// Field is the field whose value comes next.
	Field int

	names *Names
	left  int    // entries of a map whose key was not read
	next  int    // the field that is expected
	seen  uint64 // which of the fields 0 to 63 were read
	odd   *odd   // nil for most inputs
}

// odd is what only few inputs need.
type odd struct {
	array int      // elements of an array that were not read
	seen  []uint64 // which of the fields from 64 on were read
}

// Struct reads the header of a struct.
func (r *Reader) Struct(names *Names) Fields {
	if r.pos < len(r.buf) && r.depth < maxDepth {
		if c := r.buf[r.pos]; c&0xf0 == fixMap {
			r.pos++
			r.depth++
			return Fields{names: names, left: int(c & 0x0f), Field: -1}
		}
	}
	return r.anyStruct(names)
}

func (r *Reader) anyStruct(names *Names) Fields {
	f := Fields{names: names, Field: -1}
	r.enter()
	if c := r.peek(); c&0xf0 == fixArray || c == array16 || c == array32 {
		f.odd = &odd{}
		if r.ArrayOf(names.fields()) {
			f.odd.array = names.fields()
		}
		return f
	}
	f.left = max(r.MapLen(), 0)
	return f
}

// Next reads the key of the next field. It is false when all were read, or after an error,
// whose path it completes.
func (f *Fields) Next(r *Reader) bool {
	if f.left > 0 && f.next < len(f.names.Keys) && f.next < 64 {
		key := f.names.Keys[f.next]
		end, bit := r.pos+len(key), uint64(1)<<f.next
		if end <= len(r.buf) && string(r.buf[r.pos:end]) == key && f.seen&bit == 0 {
			r.pos = end
			f.seen |= bit
			f.left--
			f.Field = f.next
			f.next++
			return true
		}
	}
	return f.search(r)
}

// search is Next for what does not come in order, and for the end.
func (f *Fields) search(r *Reader) bool {
	for f.left > 0 && r.err == nil {
		if f.known(r) {
			return r.err == nil
		}
	}
	switch {
	case r.err != nil:
		f.failed(r)
		return false
	case f.odd != nil && f.odd.array > 0:
		f.Field = f.names.fields() - f.odd.array
		f.odd.array--
		return true
	}
	r.leave()
	return false
}

// failed puts the name of the field that was read last in front of the path.
func (f *Fields) failed(r *Reader) {
	if f.Field >= 0 {
		r.under(name(f.names.Keys[f.Field]))
	}
}

// known reads a key, and the value too when it is of no field.
func (f *Fields) known(r *Reader) bool {
	f.left--
	f.Field = -1
	key := r.raw()
	if key == nil && r.err == nil {
		r.fail("nil where a field's name is due")
	}
	i := f.index(key)
	if r.err != nil || i < 0 {
		r.Skip()
		return false
	}
	field := f.names.field(i)
	if f.again(field) {
		r.fail("the field comes twice")
		r.under(string(key))
		return false
	}
	f.Field, f.next = field, field+1
	return true
}

// index finds a name among the keys, from the expected one on; -1 when there is none.
func (f *Fields) index(want []byte) int {
	keys := f.names.Keys
	for n, i := 0, f.next; n < len(keys); n, i = n+1, i+1 {
		if i >= len(keys) {
			i = 0
		}
		if len(keys[i]) > len(want) && name(keys[i]) == string(want) {
			return i
		}
	}
	return -1
}

// again counts a field, and reports whether it was read before.
func (f *Fields) again(field int) bool {
	seen, bit := &f.seen, uint64(1)<<(field%64)
	if field >= 64 {
		seen = f.many(field/64 - 1)
	}
	before := *seen&bit != 0
	*seen |= bit
	return before
}

// many returns a word of the fields from 64 on.
func (f *Fields) many(word int) *uint64 {
	if f.odd == nil {
		f.odd = &odd{}
	}
	for len(f.odd.seen) <= word {
		f.odd.seen = append(f.odd.seen, 0)
	}
	return &f.odd.seen[word]
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
