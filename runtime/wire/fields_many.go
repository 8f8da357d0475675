package wire

// ManyFields reads a struct as [Fields] does, but looks for each key in the table of names. So the
// code of a reader grows by a call for each field, where Fields puts a comparison into place.
//
//	var f ManyFields
//	s, err := f.Open(s, &names)
//	for f.Left > 0 {
//		switch i, t := f.Next(s); i {
//		case 0:
//			s, err = ReadString(t, &v.OrderID)
//		case 1:
//			s, err = ReadFloat64(t, &v.Amount)
//		}
//		s, err = f.Done(s, err)
//	}
//	return s, err
//
// An input in the order of the fields takes one comparison for each of them, those that are left out
// included.
type ManyFields struct {
	Fields
	at    int // the field that Next found last, or -1
	after int // where Next begins to look
	twice bool
}

// Next returns the field that the next entry is of, and the input behind its key. It is -1 when no field has the
// key in that form.
func (f *ManyFields) Next(s string) (field int, rest string) {
	keys := f.names.Keys[:f.names.countFields()]
	for i := f.after; i < len(keys); i++ {
		if key := keys[i]; len(s) >= len(key) && s[:len(key)] == key {
			return f.noteEntry(s, i)
		}
	}
	for i := range min(f.after, len(keys)) {
		if key := keys[i]; len(s) >= len(key) && s[:len(key)] == key {
			return f.noteEntry(s, i)
		}
	}
	f.at = -1
	return -1, s
}

// noteEntry notes that the next entry is of a field.
func (f *ManyFields) noteEntry(s string, i int) (field int, rest string) {
	f.Left--
	f.at, f.after = i, i+1
	seen, bit := &f.seen, uint64(1)<<(i%64)
	if i >= 64 {
		seen = &f.allocateRare().seen[i/64]
	}
	f.twice = *seen&bit != 0
	*seen |= bit
	return i, s[len(f.names.Keys[i]):]
}

// Done ends the entry that Next began: one of no field is skipped, or written in another way. After
// an error Done completes the path and ends the loop.
func (f *ManyFields) Done(s string, err error) (string, error) {
	switch {
	case err != nil:
		return f.endWithError(err, f.at)
	case f.twice:
		_, err = failRead("the field comes twice")
		return f.endWithError(err, f.at)
	case f.at < 0:
		s, err = f.resolveUnmatched(s)
	}
	if f.Left == 0 && err == nil && f.rare != nil && f.rare.anew {
		return f.rare.outer, nil
	}
	return s, err
}
