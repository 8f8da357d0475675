package rules

// byteSet returns the set of the bytes of chars.
func byteSet(chars string) (t [256]bool) {
	for i := range len(chars) {
		t[chars[i]] = true
	}
	return t
}

const (
	lowers = "abcdefghijklmnopqrstuvwxyz"
	uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

var (
	letter   = byteSet(lowers + uppers)
	upper    = byteSet(uppers)
	alnum    = byteSet(lowers + uppers + digits)
	hexDigit = byteSet(digits + "abcdefABCDEF")
	lowerHex = byteSet(digits + "abcdef")
)

// onlyBytesOf reports whether all bytes of s are in the set.
func onlyBytesOf(s string, set *[256]bool) bool {
	for i := range len(s) {
		if !set[s[i]] {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// allDigits reports whether s has only digits, of which there may be none.
func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// hasShape reports whether s has the form of a pattern, in which 9 stands for a digit and any
// other byte for itself.
func hasShape(s, pattern string) bool {
	if len(s) != len(pattern) {
		return false
	}
	for i := range len(s) {
		if pattern[i] == '9' && !isDigit(s[i]) || pattern[i] != '9' && s[i] != pattern[i] {
			return false
		}
	}
	return true
}
