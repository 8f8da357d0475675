package wire

import "math"

// Deep reports whether values nest deeper than MaxDepth in the beginning of an encoding, because the encoding of
// a value that holds itself has no end to wait for.
func Deep(s string) bool {
	var open [MaxDepth]int // how many values the open arrays and maps still expect
	for depth := 0; s != ""; {
		n, rest, err := readHead(s)
		switch {
		case err != nil:
			return false
		case n > 0 && depth == MaxDepth:
			return true
		case n > 0:
			open[depth] = n
			depth++
		}
		for s = rest; n == 0 && depth > 0; depth-- {
			if open[depth-1]--; open[depth-1] > 0 {
				break
			}
		}
	}
	return false
}

// readHead reads the header of an array or a map, and how many values it announces, or another
// value as a whole.
func readHead(s string) (n int, rest string, err error) {
	size, each := 0, uint64(1)
	switch c := s[0]; {
	case c&0xf0 == fixArray:
		return int(c & 0x0f), s[1:], nil
	case c&0xf0 == fixMap:
		return 2 * int(c&0x0f), s[1:], nil
	case c == array16 || c == array32:
		size = 2 << (c - array16)
	case c == map16 || c == map32:
		size, each = 2<<(c-map16), 2
	default:
		rest, err = skipValue(s, 0)
		return 0, rest, err
	}
	if len(s) <= size {
		rest, err = failShort(size + 1 - len(s))
		return 0, rest, err
	}
	return int(min(each*readBigEndian(s[1:], size), math.MaxInt)), s[1+size:], nil
}
