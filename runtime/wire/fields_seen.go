package wire

import "math/bits"

// lastRead returns the index of the field that this pass read last, or -1.
func (f *Fields) lastRead() int {
	if f.rare != nil {
		for i := len(f.rare.pass) - 1; i > 0; i-- {
			if word := f.rare.pass[i]; word != 0 {
				return 64*i + bits.Len64(word) - 1
			}
		}
	}
	return bits.Len64(f.pass) - 1
}

// readTwice returns the index of a field that both this pass and an earlier one read, or -1.
func (f *Fields) readTwice() int {
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

// mergePass adds the fields that this pass read to those of the passes before.
func (f *Fields) mergePass() {
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
