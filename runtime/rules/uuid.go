package rules

import "encoding/binary"

// UUID reports whether s is a UUID with its dashes, in either case.
func UUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		hexDigits(packEight(s[0:4], s[4:8])) && hexDigits(packEight(s[9:13], s[14:18])) &&
		hexDigits(packEight(s[19:23], s[24:28])) && hexDigits(packEight(s[28:32], s[32:36]))
}

// UUID3 reports whether s is a UUID of version 3 in lower case. Unlike the later versions it
// does not look at the variant, as in the reference.
func UUID3(s string) bool { return UUID3RFC4122(s) && !hasUpper(s) }

// UUID4 reports whether s is a UUID of version 4 in lower case.
func UUID4(s string) bool { return UUID4RFC4122(s) && !hasUpper(s) }

// UUID5 reports whether s is a UUID of version 5 in lower case.
func UUID5(s string) bool { return UUID5RFC4122(s) && !hasUpper(s) }

// UUID7 reports whether s is a UUID of version 7 in lower case.
func UUID7(s string) bool { return isUUIDVersion(s, '7') && !hasUpper(s) }

// UUID3RFC4122 reports whether s is a UUID of version 3, in either case.
func UUID3RFC4122(s string) bool { return UUID(s) && s[14] == '3' }

// UUID4RFC4122 reports whether s is a UUID of version 4, in either case.
func UUID4RFC4122(s string) bool { return isUUIDVersion(s, '4') }

// UUID5RFC4122 reports whether s is a UUID of version 5, in either case.
func UUID5RFC4122(s string) bool { return isUUIDVersion(s, '5') }

// isUUIDVersion reports whether s is a UUID of a version and the variant of RFC 4122.
func isUUIDVersion(s string, version byte) bool {
	if !UUID(s) || s[14] != version {
		return false
	}
	switch s[19] {
	case '8', '9', 'a', 'b', 'A', 'B':
		return true
	}
	return false
}

func hasUpper(s string) bool {
	for i := range len(s) {
		if upper[s[i]] {
			return true
		}
	}
	return false
}

// packEight packs the first four bytes of a and of b into one word, so that one comparison looks at all eight.
func packEight(a, b string) uint64 {
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

// crockford is the alphabet of ULIDs: no I, L, O and U.
var crockford = byteSet("0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz")

// ULID reports whether s is a ULID, in either case.
func ULID(s string) bool {
	return len(s) == 26 && s[0] >= '0' && s[0] <= '7' && onlyBytesOf(s, &crockford)
}
