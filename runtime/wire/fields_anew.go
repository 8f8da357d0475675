package wire

// resolveUnmatched is called when a pass did not match the next key. It skips entries of no field. A key with another
// header than ours, or an alias, makes it rewrite the rest of the struct in canonical form.
func (f *Fields) resolveUnmatched(s string) (string, error) {
	for f.Left > 0 {
		key, rest, err := readKey(s)
		if err != nil {
			return f.endWithError(err, -1)
		}
		if ours, known := f.names.findKey(key); known {
			if s[:len(s)-len(rest)] == ours {
				return s, nil
			}
			return f.rewriteEntries(s)
		}
		if s, err = Skip(rest); err != nil {
			return f.endWithError(err, -1)
		}
		f.Left--
	}
	return s, nil
}

// readKey reads the name of a field.
func readKey(s string) (key, rest string, err error) {
	if IsNil(s) {
		rest, err = failRead("nil where a field's name is due")
		return "", rest, err
	}
	return readText(s, "a field's name")
}

// rewriteEntries writes the entries that are left with our keys, without those of no field.
func (f *Fields) rewriteEntries(s string) (string, error) {
	var b []byte
	left := 0
	for range f.Left {
		name, rest, err := readKey(s)
		if err != nil {
			return f.endWithError(err, -1)
		}
		if s, err = Skip(rest); err != nil {
			return f.endWithError(err, -1)
		}
		if key, known := f.names.findKey(name); known {
			b = append(append(b, key...), rest[:len(rest)-len(s)]...)
			left++
		}
	}
	f.Left = left
	f.allocateRare().anew, f.rare.outer = true, s
	return string(b), nil
}

// openArray gives the values of an array their names.
func (f *Fields) openArray(s string) (string, error) {
	n, s, err := ReadArrayOf(s, f.names.countFields())
	if n == 0 || err != nil {
		return s, err
	}
	var b []byte
	for i := range n {
		value := s
		if s, err = Skip(value); err != nil {
			return f.endWithError(err, i)
		}
		b = append(append(b, f.names.Keys[i]...), value[:len(value)-len(s)]...)
	}
	f.Left = n
	f.allocateRare().anew, f.rare.outer = true, s
	return string(b), nil
}

// nameOfKey returns a key without its header.
func nameOfKey(key string) string {
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
