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

// countFields returns the number of fields, because Keys holds the keys of aliases, too.
func (n *Names) countFields() int { return len(n.Keys) - len(n.Aliases) }

// findKey returns the key that we write for the field of that name.
func (n *Names) findKey(want string) (key string, ok bool) {
	for i, key := range n.Keys {
		switch {
		case len(key) <= len(want) || nameOfKey(key) != want:
		case i < n.countFields():
			return key, true
		default:
			return n.Keys[n.Aliases[i-n.countFields()]], true
		}
	}
	return "", false
}

// Fields reads a struct: a map of its fields in any order, or an array of them in theirs.
//
//	var f Fields
//	s, err := f.Open(s, &names)
//	for f.Left > 0 {
//		if t, ok := f.Key(s, 0, "\xa8order_id"); ok {
//			s, err = ReadString(t, &v.OrderID)
//		}
//		if t, ok := f.Key(s, 1, "\xa6amount"); ok {
//			s, err = ReadFloat64(t, &v.Amount)
//		}
//		s, err = f.Pass(s, err)
//	}
//	return s, err
//
// An input in that order takes one pass and one comparison for each field, which the
// compiler puts in place; any other order takes more passes.
type Fields struct {
	// Left is the number of entries whose keys were not read.
	Left int

	names *Names
	pass  uint64 // which of the fields 0 to 63 this pass read
	seen  uint64 // which of them former passes read
	rare  *rare  // nil for most structs
}

// rare is what structs of many fields need, and inputs that are not written in our way.
type rare struct {
	pass, seen []uint64 // as in Fields, for the fields from 64 on

	anew  bool   // the entries that are left were rewritten in canonical form
	outer string // the input behind the struct then
}

// Open reads the header of a struct.
func (f *Fields) Open(s string, names *Names) (rest string, err error) {
	f.names = names
	c := peekCode(s)
	if c&0xf0 == fixMap && int(c&0x0f) < len(s) {
		f.Left = int(c & 0x0f)
		return s[1:], nil
	}
	if c&0xf0 == fixArray || c == array16 || c == array32 {
		return f.openArray(s)
	}
	n, rest, err := ReadMapLen(s)
	f.Left = max(n, 0)
	return rest, err
}

// Key reports whether the next entry is field i, whose key is given with its header. Then it returns the input
// behind the key.
func (f *Fields) Key(s string, i int, key string) (rest string, ok bool) {
	if f.Left > 0 && len(s) >= len(key) && s[:len(key)] == key {
		f.Left--
		f.pass |= 1 << i
		return s[len(key):], true
	}
	return s, false
}

// KeyWide is Key for fields from 64 on, in code that was generated before there was [ManyFields].
func (f *Fields) KeyWide(s string, i int, key string) (rest string, ok bool) {
	if f.Left == 0 || len(s) < len(key) || s[:len(key)] != key {
		return s, false
	}
	f.Left--
	f.allocateRare().pass[i/64] |= 1 << (i % 64)
	return s[len(key):], true
}

// Pass ends a pass. When it read nothing, the next entry is of no field and skipped, or
// written in another way. After an error Pass completes the path and ends the loop.
func (f *Fields) Pass(s string, err error) (string, error) {
	if err == nil && f.Left == 0 && f.pass&f.seen == 0 && f.rare == nil {
		return s, nil
	}
	return f.slowPass(s, err)
}

func (f *Fields) slowPass(s string, err error) (string, error) {
	if err != nil {
		return f.endWithError(err, f.lastRead())
	}
	if again := f.readTwice(); again >= 0 {
		_, err = failRead("the field comes twice")
		return f.endWithError(err, again)
	}
	stuck := f.lastRead() < 0
	f.mergePass()
	if stuck {
		s, err = f.resolveUnmatched(s)
	}
	if f.Left == 0 && err == nil && f.rare != nil && f.rare.anew {
		return f.rare.outer, nil
	}
	return s, err
}

// allocateRare allocates the state that only rare inputs need.
func (f *Fields) allocateRare() *rare {
	if f.rare == nil {
		words := (f.names.countFields() + 63) / 64
		f.rare = &rare{pass: make([]uint64, words), seen: make([]uint64, words)}
	}
	return f.rare
}

// endWithError ends the loop with an error in the field of that index; -1 stands for no field.
func (f *Fields) endWithError(err error, field int) (string, error) {
	f.Left = 0
	if field >= 0 {
		err = prefixPath(err, nameOfKey(f.names.Keys[field]))
	}
	return "", err
}
