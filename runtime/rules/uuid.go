package rules

import "encoding/binary"

// UUID reports whether s is a UUID with its dashes, in either case.
func UUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		hexDigits(eight(s[0:4], s[4:8])) && hexDigits(eight(s[9:13], s[14:18])) &&
		hexDigits(eight(s[19:23], s[24:28])) && hexDigits(eight(s[28:32], s[32:36]))
}

// eight returns twice four bytes as one word, each in a place of its own.
func eight(a, b string) uint64 {
	return uint64(binary.LittleEndian.Uint32([]byte(a)))<<32 | uint64(binary.LittleEndian.Uint32([]byte(b)))
}

// hexDigits reports whether all eight bytes of a word are hexadecimal digits: a quarter of
// the time of a table. The high bit of x+0x80-n says for each byte below 0x80 whether it is
// at least n. A byte over that spills into its neighbour, but fails by itself.
func hexDigits(x uint64) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	lower := x | 0x20*ones
	digit := (x + (0x80-'0')*ones) &^ (x + (0x80-'9'-1)*ones)
	letter := (lower + (0x80-'a')*ones) &^ (lower + (0x80-'f'-1)*ones)
	return (digit|letter)&^x&high == high
}
