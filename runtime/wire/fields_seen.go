package wire

import "math/bits"

// last is the field that this pass read last; -1 without one.
func (f *Fields) last() int {
	if f.rare != nil {
		for i := len(f.rare.pass) - 1; i > 0; i-- {
			if word := f.rare.pass[i]; word != 0 {
				return 64*i + bits.Len64(word) - 1
			}
		}
	}
	return bits.Len64(f.pass) - 1
}

// again is a field that this pass read although another did before; -1 without one.
func (f *Fields) again() int {
	if twice := f.pass & f.seen; twice != 0 {
		return bits.TrailingZeros64(twice)
	}
	if f.rare == nil {
		return -1
	}
	for i, word := range f.rare.pass {
		if twice := word & f.rare.seen[i]; twice != 0 {
			return 64*i + bits.TrailingZeros64(twice)
		}
	}
	return -1
}

// merge adds the fields that this pass read to those of the passes before.
func (f *Fields) merge() {
	f.seen |= f.pass
	f.pass = 0
	if f.rare == nil {
		return
	}
	for i, word := range f.rare.pass {
		f.rare.seen[i] |= word
		f.rare.pass[i] = 0
	}
}
