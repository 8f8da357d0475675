package source

import (
	"strconv"
	"strings"
)

// unquoteLiteral undoes a Go string literal and tells, for every byte of the result and for its end, where it stands in
// the literal. A malformed literal gives the text before the fault.
func unquoteLiteral(lit string) (text string, offsets []int) {
	if len(lit) < 2 {
		return "", []int{0}
	}
	var b strings.Builder
	if lit[0] == '`' {
		for i := 1; i < len(lit)-1; i++ {
			if lit[i] != '\r' {
				b.WriteByte(lit[i])
				offsets = append(offsets, i)
			}
		}
		return b.String(), append(offsets, len(lit)-1)
	}
	rest := lit[1 : len(lit)-1]
	for rest != "" {
		at := len(lit) - 1 - len(rest)
		r, multibyte, tail, err := strconv.UnquoteChar(rest, '"')
		if err != nil {
			break
		}
		before := b.Len()
		if multibyte {
			b.WriteRune(r)
		} else {
			b.WriteByte(byte(r))
		}
		for range b.Len() - before {
			offsets = append(offsets, at)
		}
		rest = tail
	}
	return b.String(), append(offsets, len(lit)-1)
}
