package rules

// table is a set of bytes.
func table(chars string) (t [256]bool) {
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
	letter   = table(lowers + uppers)
	upper    = table(uppers)
	alnum    = table(lowers + uppers + digits)
	hexDigit = table(digits + "abcdefABCDEF")
	lowerHex = table(digits + "abcdef")
)

// only reports whether all bytes of s are in the set.
func only(s string, set *[256]bool) bool {
	for i := range len(s) {
		if !set[s[i]] {
			return false
		}
	}
	return true
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// allDigits reports whether s has only digits, of which there may be none.
func allDigits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return true
}

// shaped reports whether s has the form of a pattern, in which 9 stands for a digit and any
// other byte for itself.
func shaped(s, pattern string) bool {
	if len(s) != len(pattern) {
		return false
	}
	for i := range len(s) {
		if pattern[i] == '9' && !digit(s[i]) || pattern[i] != '9' && s[i] != pattern[i] {
			return false
		}
	}
	return true
}
